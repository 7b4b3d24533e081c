using FleetMonitor.Tests.Clients;

namespace FleetMonitor.Tests.Ecosystem;

public sealed class MqttNetBrokerClientTests() : BrokerClientSuite("mqttnet");
