namespace FleetMonitor.Simulation.Model;

/// <summary>
/// Every case there is: small histories with books worked out by hand, by the section of the Semantics that they are about. The names read as
/// <c>Subject_State_Result</c> and are unique.
/// </summary>
public static partial class MeteringCases
{
    public static IReadOnlyList<MeteringCase> All { get; } =
        [.. MergingCases(), .. PowerCases(), .. SourceCases(), .. RegisterCases(), .. RestartCases(), .. DayCases()];

    public static MeteringCase Named(string name) => All.Single(one => one.Name == name);
}
