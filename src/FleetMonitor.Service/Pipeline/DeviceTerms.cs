using System.Runtime.CompilerServices;
using FleetMonitor.Anomalies;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Service.Pipeline;

/// <summary>All that a device is metered and watched by. Most devices of a site are by the same: they share it.</summary>
/// <param name="Site">Where it stands.</param>
/// <param name="Context">What it is metered by; set before its first reading.</param>
/// <param name="Traits">What its profile says of its register.</param>
/// <param name="Facts">What it is watched by.</param>
internal sealed record DeviceTerms(string Site, MeterContext Context, RegisterTraits Traits, WatchedFacts Facts)
{
    /// <summary>Those of a device that is to get its own.</summary>
    public static DeviceTerms At(string site) => new(site, null!, DeviceRules.DefaultTraits, WatchedFacts.Default);
}

/// <summary>The terms that are shared, each once. One writer.</summary>
internal sealed class SharedTerms
{
    private readonly HashSet<DeviceTerms> _terms = new(Parts.Instance);

    public DeviceTerms Of(DeviceTerms terms)
    {
        if (_terms.TryGetValue(terms, out DeviceTerms? shared))
        {
            return shared;
        }

        _terms.Add(terms);
        return terms;
    }

    /// <summary>Forgets them; who has some keeps them.</summary>
    public void Clear() => _terms.Clear();

    /// <summary>Contexts and facts are shared themselves: they are the same object or not the same.</summary>
    private sealed class Parts : IEqualityComparer<DeviceTerms>
    {
        public static readonly Parts Instance = new();

        public bool Equals(DeviceTerms? x, DeviceTerms? y) =>
            ReferenceEquals(x?.Context, y?.Context) && ReferenceEquals(x?.Facts, y?.Facts) && x?.Traits == y?.Traits && x?.Site == y?.Site;

        public int GetHashCode(DeviceTerms terms) =>
            HashCode.Combine(RuntimeHelpers.GetHashCode(terms.Context), RuntimeHelpers.GetHashCode(terms.Facts), terms.Traits, terms.Site);
    }
}
