using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Mqtt.Transport;

namespace FleetMonitor.Mqtt.Client;

/// <summary>
/// Pings the server at regular intervals and notices when it does not answer. While the caller holds up reading,
/// answers can not be seen, so the wait for them stands still; pings go on, so that the server keeps us.
/// </summary>
internal sealed class KeepAliveMonitor : IDisposable
{
    private readonly OutboundBuffer _outbound;
    private readonly TimeProvider _time;
    private readonly TimeSpan _pingTimeout;
    private readonly Action _dead;
    private readonly ITimer _timer;
    private readonly ITimer _deadline;
    private long _waitingSince;
    private bool _waiting;
    private bool _paused;

    /// <param name="keepAlive">Longest silence allowed; pings go out every half of it.</param>
    /// <param name="dead">Called once or more, on a timer thread, when the server counts as dead.</param>
    public KeepAliveMonitor(
        OutboundBuffer outbound, TimeProvider time, TimeSpan keepAlive, TimeSpan pingTimeout, Action dead)
    {
        (_outbound, _time, _pingTimeout, _dead) = (outbound, time, pingTimeout, dead);
        _timer = time.CreateTimer(_ => Ping(), null, keepAlive / 2, keepAlive / 2);
        _deadline = time.CreateTimer(_ => CheckAnswer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Anything that the server sends proves that it lives.</summary>
    public void Heard()
    {
        lock (_outbound.Gate)
        {
            _waiting = false;
        }
    }

    public void PauseReading()
    {
        lock (_outbound.Gate)
        {
            _paused = true;
        }
    }

    public void ResumeReading()
    {
        lock (_outbound.Gate)
        {
            _paused = false;
            if (_waiting)
            {
                StartWaiting();
            }
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _deadline.Dispose();
    }

    private void Ping()
    {
        lock (_outbound.Gate)
        {
            if (!_outbound.IsOpen)
            {
                return;
            }

            MqttEncoder.WritePingReq(_outbound);
            _outbound.Signal();
            if (!_waiting)
            {
                _waiting = true;
                StartWaiting();
            }
        }
    }

    private void StartWaiting()
    {
        _waitingSince = _time.GetTimestamp();
        _deadline.Change(_pingTimeout, Timeout.InfiniteTimeSpan);
    }

    private void CheckAnswer()
    {
        lock (_outbound.Gate)
        {
            if (!_waiting || _paused)
            {
                return;
            }

            var left = _pingTimeout - _time.GetElapsedTime(_waitingSince);
            if (left > TimeSpan.Zero)
            {
                _deadline.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        _dead();
    }
}
