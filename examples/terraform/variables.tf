variable "dct_host" {
  description = "Data Control Tower, e.g. dct.example.com."
  type        = string
}

variable "dct_key" {
  description = "Its API key. Give it as TF_VAR_dct_key, not in a file."
  type        = string
  sensitive   = true
}

variable "source_config" {
  description = "Id or name of the source config, e.g. 1-APPDATA_STAGED_SOURCE_CONFIG-9."
  type        = string
}

variable "dsource_group" {
  description = "Group of the dSource, e.g. 1-GROUP-2."
  type        = string
}

variable "source_user" {
  description = "Environment user on the source's host, e.g. HOST_USER-2."
  type        = string
}

variable "staging_environment" {
  description = "Where staging runs, e.g. 1-UNIX_HOST_ENVIRONMENT-4."
  type        = string
}

variable "staging_user" {
  description = "Environment user there, e.g. HOST_USER-4."
  type        = string
}

variable "vdb_group" {
  description = "Group of the VDBs, e.g. 1-GROUP-3."
  type        = string
}

variable "target_environment" {
  description = "Where the VDBs run, e.g. 1-UNIX_HOST_ENVIRONMENT-6."
  type        = string
}

variable "target_user" {
  description = "Environment user there, e.g. HOST_USER-6."
  type        = string
}

variable "target_repository" {
  description = "The MariaDB installation there, e.g. 1-APPDATA_REPOSITORY-7."
  type        = string
}

variable "vault" {
  description = "The engine's reference of the HashiCorp vault."
  type        = string
  default     = "HASHICORP_VAULT-1"
}

variable "clones" {
  description = "A VDB for each branch: its name, and a free port on the target."
  type        = map(number)
  default     = { dev = 3320, test = 3321 }
}
