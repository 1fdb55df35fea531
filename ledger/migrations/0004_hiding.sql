-- Each look at persons asks which deleted events of bulk kinds hide rows of a segment.
CREATE INDEX event_hiding ON event (number) WHERE bulk = 1 AND live = 0;
