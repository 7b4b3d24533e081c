using Xunit;

namespace FleetMonitor.Tests;

/// <summary>Tests that look at what the whole process does: no others run beside them.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
