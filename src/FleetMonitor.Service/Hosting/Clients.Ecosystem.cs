using FleetMonitor.InfluxDbClient;
using FleetMonitor.MqttNet;
using FleetMonitor.Service.Influx;

namespace FleetMonitor.Service.Hosting;

/// <summary>Compiled with <c>-p:EcosystemClients=true</c> only.</summary>
internal static partial class Clients
{
    static partial void AddEcosystem()
    {
        Brokers.Add(MqttNet, (_, time) => new MqttNetBrokerClient(time));
        Sinks.Add(InfluxDbClient, (settings, _) => new InfluxDbClientSink(
            new InfluxDbClientOptions(settings.Url!, settings.Org, settings.Bucket, settings.Token, settings.Timeout),
            (status, body, retryAfter) => InfluxAnswers.Of(status, body, retryAfter, settings)));
    }
}
