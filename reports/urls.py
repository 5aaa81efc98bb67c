from django.urls import path

from reports.views import approval_statistics, comparison_results, export, overview

urlpatterns = [
    path("overview/", overview.overview, name="overview"),
    path("results/<int:pk>/download/", export.result_download, name="result-download"),
    path("results/<int:pk>/provenance/", export.result_provenance, name="result-provenance"),
    path("export/", export.export_zip, name="export"),
    path("comparisons/<int:pk>/results/", comparison_results.results, name="comparison-results"),
    path("statistics/", approval_statistics.statistics, name="statistics"),
    path("statistics/csv/", approval_statistics.statistics_csv, name="statistics-csv"),
]
