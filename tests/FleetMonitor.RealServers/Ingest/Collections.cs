using Xunit;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>Tests that keep the processors busy; one at a time.</summary>
[CollectionDefinition(Name)]
public sealed class BusyCollection
{
    public const string Name = "busy";
}

/// <summary>Tests that mostly wait for time to pass; they run beside the busy ones.</summary>
[CollectionDefinition(Name)]
public sealed class PatientCollection
{
    public const string Name = "patient";
}
