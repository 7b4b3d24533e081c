using System.Text;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Sources;

namespace FleetMonitor.Service.Alerts;

/// <summary>
/// Alerts on <c>fleet/{site}/{device}/anomaly</c> where messages of one source come in. What belongs to no device has the device <c>site</c>. What
/// a broker has not acknowledged is published again, once it is back: a subscriber may see an alert twice, and misses none.
/// </summary>
/// <param name="source">The source's name; it may not be there yet.</param>
internal sealed class MqttAlerts(string source, IReadOnlyList<IMessageSource> sources) : IAlertOutput
{
    /// <summary>The topics that only the service publishes to, as a filter.</summary>
    public const string Topics = "fleet/+/+/anomaly";

    public string Name => $"mqtt/{source}";

    public TimeSpan? RefreshEvery => null;

    public async Task<AlertDelivery> SendAsync(IReadOnlyList<AlertEventRow> events, CancellationToken cancellation)
    {
        if (sources.ToArray().FirstOrDefault(here => here.Status.Name == source) is not { } target)
        {
            return new AlertDelivery(0, $"{source} is not connected yet");
        }

        Task<bool>[] published = [.. events.Select(row => PublishAsync(target, row))];
        for (int i = 0; i < published.Length; i++)
        {
            if (!await published[i].WaitAsync(cancellation))
            {
                return new AlertDelivery(i, $"{source}: {target.Status.Detail}");
            }
        }

        return new AlertDelivery(events.Count, null);
    }

    public Task<string?> RefreshAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);

    private static Task<bool> PublishAsync(IMessageSource target, AlertEventRow row)
    {
        Alert alert = AlertRecords.Read(row.Event.Json, row.Event.Anomaly);
        if (row.Event.Event == AlertRecords.CodeOf(AlertStep.Updated) && alert.Anomaly.Device is not null)
        {
            // Of one device an update is no news; of many it is that more went down.
            return Task.FromResult(true);
        }

        string topic = $"fleet/{alert.Anomaly.Site}/{alert.Anomaly.Device ?? "site"}/anomaly";
        return target.PublishAlertAsync(topic, Encoding.UTF8.GetBytes(row.Event.Json));
    }
}
