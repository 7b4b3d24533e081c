namespace FleetMonitor.Ledger.Store;

/// <summary>Writing what is wrong with the fleet, and what became of it.</summary>
public sealed partial class LedgerWriter
{
    private void WriteAlerts(LedgerCommit commit)
    {
        foreach (AnomalyRecord anomaly in commit.Anomalies)
        {
            _statements.Anomaly.Execute(
                anomaly.Id,
                anomaly.Site,
                anomaly.Device,
                anomaly.Kind,
                anomaly.Severity,
                anomaly.Raised.UnixMilliseconds,
                anomaly.Cleared?.UnixMilliseconds,
                anomaly.Cause,
                anomaly.Json);
        }

        foreach (AlertEvent happened in commit.AlertEvents)
        {
            _statements.AlertEvent.Execute(
                happened.At.UnixMilliseconds,
                happened.Anomaly,
                happened.Event,
                happened.Told ? 1 : 0,
                happened.By,
                happened.Reason,
                happened.Json);
        }
    }
}
