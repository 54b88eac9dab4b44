"""Work in the background: submit, progress, cancel, priority. Knows no Qt and no torch."""

from cxr_desktop.jobs.pool import Context, Event, Finished, Job, JobPool, Progressed, Started

__all__ = ["Context", "Event", "Finished", "Job", "JobPool", "Progressed", "Started"]
