"""The task queue, over django-q2: enqueued and running tasks, probes of its workers, files that tasks prepare."""
