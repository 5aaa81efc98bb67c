from django.urls import path

from galleries.views import actions, editor, preview, public, share_links

urlpatterns = [
    path("galleries/", editor.galleries, name="galleries"),
    path("galleries/new/", editor.gallery_new, name="gallery-new"),
    path("galleries/add/", actions.gallery_collect, name="gallery-collect"),
    path("galleries/<int:pk>/", editor.gallery_edit, name="gallery-edit"),
    path("galleries/<int:pk>/add/", actions.gallery_add, name="gallery-add"),
    path("galleries/<int:pk>/remove/", actions.gallery_remove, name="gallery-remove"),
    path("galleries/<int:pk>/order/", actions.gallery_order, name="gallery-order"),
    path("galleries/<int:pk>/move/", actions.gallery_move, name="gallery-move"),
    path("galleries/<int:pk>/cover/", actions.gallery_cover, name="gallery-cover"),
    path("galleries/<int:pk>/show/", actions.gallery_show, name="gallery-show"),
    path("galleries/<int:pk>/unpublish/", actions.gallery_unpublish, name="gallery-unpublish"),
    path("galleries/<int:pk>/delete/", actions.gallery_delete, name="gallery-delete"),
    path("galleries/<int:pk>/share/", share_links.gallery_share, name="gallery-share"),
    path("galleries/<int:pk>/revoke/", share_links.gallery_revoke, name="gallery-revoke"),
    path("galleries/<int:pk>/preview/", preview.gallery_preview, name="gallery-preview"),
    path("galleries/<int:pk>/preview/<int:look>/", preview.look_preview, name="look-preview"),
    path("g/", public.index, name="public-galleries"),
    path("g/s/<str:token>/", public.shared, name="shared-gallery"),
    path("g/s/<str:token>/download/", public.shared_zip, name="shared-zip"),
    path("g/s/<str:token>/<int:look>/", public.shared_look, name="shared-look"),
    path("g/<slug:slug>/", public.gallery, name="public-gallery"),
    path("g/<slug:slug>/<int:look>/", public.look, name="public-look"),
]
