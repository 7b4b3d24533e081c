using System.Diagnostics.CodeAnalysis;
using FleetMonitor.Ledger;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Influx;
using FleetMonitor.Service.Mqtt;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Hosting;

/// <summary>
/// The clients of broker and store that there are to choose from. Our own always are; MQTTnet and InfluxDB.Client come with
/// <c>-p:EcosystemClients=true</c>, which compiles <c>Clients.Ecosystem.cs</c>.
/// </summary>
internal static partial class Clients
{
    public const string BuiltIn = "builtin";
    public const string MqttNet = "mqttnet";
    public const string InfluxDbClient = "influxdb-client";

    /// <summary>What to do about a client that was not built in.</summary>
    public const string HowToBuildIn =
        "this build does not have it: build with 'dotnet publish src/FleetMonitor.Service -c Release -p:EcosystemClients=true', or write builtin";

    private static readonly Dictionary<string, Func<Settings, TimeProvider, IBrokerClient>> Brokers = new()
    {
        [BuiltIn] = (settings, time) => new BuiltInBrokerClient(settings.Subscriber.ReadEvery, time),
    };

    private static readonly Dictionary<string, Func<InfluxSettings, TimeProvider, IPointSink>> Sinks = new()
    {
        [BuiltIn] = (settings, time) => new InfluxClient(settings, time),
    };

    [SuppressMessage("Performance", "CA1810", Justification = "What is built in adds itself to both.")]
    static Clients() => AddEcosystem();

    public static bool HasBroker(string client) => Brokers.ContainsKey(client);

    public static bool HasSink(string client) => Sinks.ContainsKey(client);

    public static IBrokerClient Broker(Settings settings, TimeProvider time) => Brokers[settings.Subscriber.Client](settings, time);

    /// <param name="settings">With an address.</param>
    public static IPointSink Sink(InfluxSettings settings, TimeProvider time) => Sinks[settings.Client](settings, time);

    static partial void AddEcosystem();
}
