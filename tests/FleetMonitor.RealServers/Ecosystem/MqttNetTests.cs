using FleetMonitor.RealServers.Ingest;
using Xunit;

namespace FleetMonitor.RealServers.Ecosystem;

[Collection(BusyCollection.Name)]
public sealed class MqttNetBrokerSessionTests() : BrokerSessionSuite("mqttnet");

[Collection(BusyCollection.Name)]
public sealed class MqttNetBrokerKilledTests() : BrokerKilledSuite("mqttnet");

[Collection(BusyCollection.Name)]
public sealed class MqttNetAcknowledgementTraceTests() : AcknowledgementTraceSuite("mqttnet");

[Collection(BusyCollection.Name)]
public sealed class MqttNetFaultsUnderLoadTests() : FaultsUnderLoadSuite("mqttnet");
