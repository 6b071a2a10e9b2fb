"""The GraphQL operations behind `kb what-applies --json`: everything that applies."""

from __future__ import annotations

_EVERYTHING = """
fragment Why on Explained {
  because
  text
  citations { faqNumber passage { id } source { key title } layer role }
}
fragment Everything on Applicability {
  asOf
  knowledge { number contentHash publishedAt }
  facility { id name osId gatewayId betterWorkId }
  summary
  assessment {
    assessedBy provisional fallback verifierExcluded stepsAssessed lawOverlay
    toolVersion { version }
    tool { ...Why }
    ...Why
  }
  sharing {
    status deadline channels whoDecides
    brandMay { ...Why }
    brandMayNot { ...Why }
    ...Why
  }
  workflow {
    route title state
    nextActions { order code title actor deadline advised asks ...Why }
    blockers { code ...Why }
    steps { order code title actor state doneOn deadline advised guard asks ...Why }
    ...Why
  }
  dataLabels { step scope code ...Why }
  country { code name kind ...Why }
  fees { code charge payer ...Why }
  faqs { rank number faq { question } ...Why }
  missing { rank input settles ...Why }
  warnings { code ambiguity { key } ...Why }
  trace { table row matched inputs { name value accepts matched } }
  citations { faqNumber passage { id text } source { key title } layer role }
}
"""

FACILITY_QUERY = (
    """
query WhatApplies($by: FacilityLocator!, $asOf: Date, $layers: [KnowledgeLayer!]) {
  facility(by: $by) { whatApplies(asOf: $asOf, layers: $layers) { ...Everything } }
}
"""
    + _EVERYTHING
)

PROFILE_QUERY = (
    """
query WhatIf($profile: FacilityProfileInput!, $asOf: Date, $layers: [KnowledgeLayer!]) {
  whatIf(profile: $profile, asOf: $asOf, layers: $layers) { ...Everything }
}
"""
    + _EVERYTHING
)
