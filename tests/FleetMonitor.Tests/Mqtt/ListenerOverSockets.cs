namespace FleetMonitor.Tests.Mqtt;

public sealed class ListenerSessionOverSockets() : ListenerSessionTests(new ListenerTransport.Sockets());

public sealed class ListenerPublishOverSockets() : ListenerPublishTests(new ListenerTransport.Sockets());

public sealed class ListenerSubscriptionOverSockets() : ListenerSubscriptionTests(new ListenerTransport.Sockets());

public sealed class ListenerExactlyOnceOverSockets() : ListenerExactlyOnceTests(new ListenerTransport.Sockets());

public sealed class ClientAgainstListenerOverSockets() : ClientAgainstListenerTests(new ListenerTransport.Sockets());
