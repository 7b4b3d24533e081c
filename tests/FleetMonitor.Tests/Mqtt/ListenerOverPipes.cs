namespace FleetMonitor.Tests.Mqtt;

public sealed class ListenerSessionOverPipes() : ListenerSessionTests(new ListenerTransport.Pipes());

public sealed class ListenerPublishOverPipes() : ListenerPublishTests(new ListenerTransport.Pipes());

public sealed class ListenerSubscriptionOverPipes() : ListenerSubscriptionTests(new ListenerTransport.Pipes());

public sealed class ListenerExactlyOnceOverPipes() : ListenerExactlyOnceTests(new ListenerTransport.Pipes());

public sealed class ClientAgainstListenerOverPipes() : ClientAgainstListenerTests(new ListenerTransport.Pipes());
