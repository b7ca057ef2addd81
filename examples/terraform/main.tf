# A dSource by replication and a VDB for each branch. All accounts are in a vault: what stands in
# `parameters` is in the state in clear, so no password may stand there.

resource "delphix_appdata_dsource" "sales" {
  name                     = "sales"
  source_value             = var.source_config
  group_id                 = var.dsource_group
  log_sync_enabled         = false
  link_type                = "AppDataStaged"
  environment_user         = var.source_user
  staging_environment      = var.staging_environment
  staging_environment_user = var.staging_user

  parameters = jsonencode({
    mountPath     = "/mnt/delphix/sales_staging"
    stagingPort   = 3310
    ingestionMode = "Replication"
    sourceCredentials = {
      type               = "HashiCorpVaultCredential"
      vault              = var.vault
      engine             = "kv"
      path               = "mariadb/sales/copy"
      usernameKey        = "user"
      secretKey          = "password"
      expectedSecretType = "password"
    }
    replicationCredentials = {
      type               = "HashiCorpVaultCredential"
      vault              = var.vault
      engine             = "kv"
      path               = "mariadb/sales/replication"
      usernameKey        = "user"
      secretKey          = "password"
      expectedSecretType = "password"
    }
  })
  sync_parameters = jsonencode({ resync = true })

  # A dSource whose first copy fails is taken away again.
  rollback_on_failure = true

  # Creating it waits for the first snapshot. The provider's own time-out is 20 minutes.
  timeouts {
    create = "12h"
    update = "1h"
    delete = "1h"
  }
}

resource "delphix_vdb" "clone" {
  for_each = var.clones

  name                = "sales_${each.key}"
  provision_type      = "snapshot"
  source_data_id      = delphix_appdata_dsource.sales.id
  environment_id      = var.target_environment
  environment_user_id = var.target_user
  repository_id       = var.target_repository
  target_group_id     = var.vdb_group
  vdb_restart         = true

  appdata_source_params = jsonencode({
    mountPath = "/mnt/delphix/sales_${each.key}"
    port      = each.value
    vdbCredentials = {
      type               = "HashiCorpVaultCredential"
      vault              = var.vault
      engine             = "kv"
      path               = "mariadb/sales/clone"
      usernameKey        = "user"
      secretKey          = "password"
      expectedSecretType = "password"
    }
  })

  timeouts {
    create = "1h"
    update = "1h"
    delete = "1h"
  }
}
