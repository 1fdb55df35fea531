# Kith in a container: the locked packages, no compiler, no root. The data folder is the volume /data.
FROM python:3.11-slim-bookworm AS build
COPY requirements.lock /src/
RUN python -m venv /opt/kith && /opt/kith/bin/pip install --no-cache-dir --require-hashes -r /src/requirements.lock
COPY . /src
RUN /opt/kith/bin/pip install --no-cache-dir --no-deps /src

FROM python:3.11-slim-bookworm
COPY --from=build /opt/kith /opt/kith
RUN useradd --uid 10001 --create-home kith && install --directory --owner=kith --mode=0700 /data
USER kith
ENV PATH=/opt/kith/bin:$PATH KITH_DATA=/data KITH_HOST=0.0.0.0 KITH_PORT=8765
VOLUME /data
EXPOSE 8765
CMD ["kith", "serve"]
