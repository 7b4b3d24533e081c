using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;

namespace FleetMonitor.Service.Configuration;

/// <summary>The section <c>Alerts</c>: how they are told, and to whom.</summary>
internal static class AlertSettingsFile
{
    private const int ShortestSecret = 16;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static AlertSettings Read(SettingsReader reader, AnomalyOptions anomalies)
    {
        var defaults = new AlertOptions { Levels = anomalies.Levels };
        TimeSpan fifth = anomalies.OfflineAfter / 5;
        return new AlertSettings(
            defaults with
            {
                HoldBack = reader.OptionalDuration("Alerts:HoldBack", TimeSpan.Zero, TimeSpan.FromDays(1))
                    ?? (fifth < defaults.HoldBack ? fifth : defaults.HoldBack),
            },
            Alertmanager(reader),
            Webhook(reader));
    }

    private static AlertmanagerSettings? Alertmanager(SettingsReader reader)
    {
        Uri? url = reader.OptionalAddress("Alerts:Alertmanager:Url", "write an address such as http://127.0.0.1:9093, or leave it out");
        TimeSpan every = reader.Duration("Alerts:Alertmanager:ResendEvery", TimeSpan.FromMinutes(1), Second, TimeSpan.FromHours(1));
        return url is null ? null : new AlertmanagerSettings(url, every);
    }

    private static WebhookSettings? Webhook(SettingsReader reader)
    {
        Uri? url = reader.OptionalAddress("Alerts:Webhook:Url", "write the address that takes the events, such as https://example.org/alerts, or leave it out");
        string? secret = reader.OptionalText("Alerts:Webhook:Secret");
        if (url is null)
        {
            return null;
        }

        if (secret is null || secret.Length < ShortestSecret)
        {
            reader.Problem("Alerts:Webhook:Secret", null, $"write the secret that the receiver checks signatures with, {ShortestSecret} characters or more");
        }

        return new WebhookSettings(url, secret ?? string.Empty);
    }
}
