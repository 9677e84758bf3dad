"""All that knows django-q2: tasks asked for, taken, answered, and files that they prepare."""
