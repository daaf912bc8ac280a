"""A cinder backend that stores nothing: every volume exists as soon as it is asked for."""
from cinder import exception
from cinder import interface
from cinder.volume import driver

from aceso_cloud import state


@interface.volumedriver
class Volumes(driver.VolumeDriver):
    VERSION = '1'

    def do_setup(self, context):
        pass

    def check_for_setup_error(self):
        pass

    def _update_volume_stats(self):
        self._stats = dict(volume_backend_name='aceso', vendor_name='aceso', driver_version=self.VERSION,
                           storage_protocol='none', total_capacity_gb='infinite', free_capacity_gb='infinite')

    def create_volume(self, volume):
        pass

    def delete_volume(self, volume):
        pass

    def clone_image(self, context, volume, image_location, image_meta, image_service):
        # the second value: the image is already on it, nothing need be copied
        return {}, True

    def copy_image_to_volume(self, context, volume, image_service, image_id, disable_sparse=False):
        servers = [attachment.instance_uuid for attachment in volume.volume_attachment or []]
        if state.suffer('reimage', *[server for server in servers if server], volume.project_id):
            raise exception.ImageCopyFailure(reason='the backend was told to fail')

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector):
        return {'driver_volume_type': 'fake', 'data': {'volume_id': volume.id}}

    def terminate_connection(self, volume, connector, **kwargs):
        pass
