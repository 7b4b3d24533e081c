using System.Globalization;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies.Alerts;

/// <summary>A broker that did not keep our session: what was published meanwhile is lost unless the devices send it again.</summary>
public static class SessionGaps
{
    public static Anomaly Of(string site, string source, Instant from, Instant to)
    {
        double seconds = (to - from).TotalSeconds;
        return new Anomaly
        {
            Id = Anomaly.IdOf(site, null, AnomalyKind.SessionGap, to),
            Site = site,
            Kind = AnomalyKind.SessionGap,
            Severity = AnomalySeverity.Warning,
            Raised = to,
            Score = 1,
            Text = string.Create(
                CultureInfo.InvariantCulture,
                $"The broker {source} forgot our session: messages between {from} and {to} ({seconds:0} s) may be missing. Registers make good for them; devices without one have a gap."),
            Evidence =
            [
                EvidenceItem.Of("rule", "the broker answered a resume without a session"),
                EvidenceItem.Of("source", source),
                EvidenceItem.Of("from", from.ToString()),
                EvidenceItem.Of("to", to.ToString()),
                EvidenceItem.Of("gap_s", seconds),
            ],
            KwhPerDay = 0,
        };
    }
}
