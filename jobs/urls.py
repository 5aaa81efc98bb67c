from django.urls import path

from jobs.launch.views import launch
from jobs.views import account, batch, batch_actions, batch_list, provider_push

urlpatterns = [
    path("accounts/<int:pk>/", account.account, name="account"),
    path("accounts/<int:pk>/pause/", account.pause, name="account-pause"),
    path("accounts/<int:pk>/resume/", account.resume, name="account-resume"),
    path("launch/", launch.launch, name="launch"),
    path("batches/", batch_list.batch_list, name="batches"),
    path("batches/<int:pk>/", batch.batch, name="batch"),
    path("batches/<int:pk>/progress/", batch.batch_progress, name="batch-progress"),
    path("batches/<int:pk>/pause/", batch_actions.batch_pause, name="batch-pause"),
    path("batches/<int:pk>/resume/", batch_actions.batch_resume, name="batch-resume"),
    path("batches/<int:pk>/priority/", batch_actions.batch_priority, name="batch-priority"),
    path("batches/<int:pk>/budget/", batch_actions.batch_budget, name="batch-budget"),
    path("batches/<int:pk>/cancel/", batch_actions.batch_cancel, name="batch-cancel"),
    path("batches/<int:pk>/retry/", batch_actions.batch_retry, name="batch-retry"),
    path("hooks/dashscope/<str:secret>", provider_push.dashscope, name="hook-dashscope"),
]
