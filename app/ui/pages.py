"""The web page: every page of it, each behind the gate that authorises and audits."""

from fastapi import APIRouter

from app.ui import finding_pages, house_pages, person_pages, quarantine_pages, review_pages

router = APIRouter()
for part in (finding_pages, person_pages, review_pages, quarantine_pages, house_pages):
    router.include_router(part.router)
