using FleetMonitor.Tests.Clients;

namespace FleetMonitor.Tests.Ecosystem;

public sealed class MqttNetBrokerSourceTests() : BrokerSourceSuite("mqttnet");
