terraform {
  required_version = ">= 1.5"

  required_providers {
    delphix = {
      source  = "delphix-integrations/delphix"
      version = "4.3.0"
    }
  }
}

# The key comes from the environment: export TF_VAR_dct_key.
provider "delphix" {
  host = var.dct_host
  key  = var.dct_key
}
