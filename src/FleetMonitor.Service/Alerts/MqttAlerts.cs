using System.Text;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Sources;

namespace FleetMonitor.Service.Alerts;

/// <summary>Alerts on <c>fleet/{site}/{device}/anomaly</c>, wherever messages come in. A site's own have the device <c>site</c>.</summary>
internal sealed class MqttAlerts(IReadOnlyList<IMessageSource> sources) : IAlertOutput
{
    public string Name => "mqtt";

    public TimeSpan? RefreshEvery => null;

    public Task<AlertDelivery> SendAsync(IReadOnlyList<AlertEventRow> events, CancellationToken cancellation)
    {
        IMessageSource[] here = [.. sources];
        if (here.Length == 0)
        {
            return Task.FromResult(new AlertDelivery(0, "nothing is connected yet"));
        }

        // An update is no news.
        foreach (AlertEventRow row in events.Where(row => row.Event.Event != AlertRecords.CodeOf(AlertStep.Updated)))
        {
            Alert alert = AlertRecords.Read(row.Event.Json, row.Event.Anomaly);
            string topic = $"fleet/{alert.Anomaly.Site}/{alert.Anomaly.Device ?? "site"}/anomaly";
            byte[] payload = Encoding.UTF8.GetBytes(row.Event.Json);
            foreach (IMessageSource source in here)
            {
                source.PublishAlert(topic, payload);
            }
        }

        return Task.FromResult(new AlertDelivery(events.Count, null));
    }

    public Task<string?> RefreshAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);
}
