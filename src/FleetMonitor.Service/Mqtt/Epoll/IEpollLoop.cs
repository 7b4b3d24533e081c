namespace FleetMonitor.Service.Mqtt.Epoll;

/// <summary>What a connection asks of the thread that reads for it. From any thread.</summary>
internal interface IEpollLoop
{
    /// <summary>Looks after the connection soon, on the I/O thread.</summary>
    void Attend(EpollConnection connection);

    /// <summary>Tells the connection once there is room to send.</summary>
    void WatchForWriting(EpollConnection connection);
}
