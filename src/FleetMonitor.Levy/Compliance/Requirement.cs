namespace FleetMonitor.Levy;

/// <summary>A paper that the law asks for.</summary>
public enum Paper
{
    /// <summary>Approval to import a rig's cryptographic equipment.</summary>
    ImportPermit,

    /// <summary>Notice of the data centre to the ministry.</summary>
    MinistryNotice,

    /// <summary>A mining licence.</summary>
    Licence,

    /// <summary>Activity codes that the payer is registered under.</summary>
    ActivityCode,
}

/// <summary>What a site has to have on file on the local dates <c>From ≤ day &lt; To</c>.</summary>
/// <param name="Values">The codes that are asked for; empty where the paper has none.</param>
public sealed record Requirement(Paper Paper, DateOnly? From, DateOnly? To, IReadOnlyList<string> Values, string LegalRef)
{
    public bool Holds(DateOnly day) => !(day < From) && !(day >= To);
}
