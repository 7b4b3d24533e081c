using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Mqtt.Transport;

namespace FleetMonitor.Mqtt.Client;

/// <summary>The receive loop: one read, one batch, one hand-over.</summary>
public sealed partial class MqttClientConnection
{
    private static readonly MqttProtocolError Unexpected =
        new(MqttReasonCode.ProtocolError, "The server sent a packet that has no place here.");

    private void StartReceiving()
    {
        if (_options.ReadPause > TimeSpan.Zero)
        {
            new Thread(ReceivePaced) { IsBackground = true, Name = "MQTT reader" }.Start();
        }
        else
        {
            _ = ReceiveAsync();
        }
    }

    private async Task ReceiveAsync()
    {
        Exception? failure = null;
        try
        {
            while (await ReadOnceAsync())
            {
            }
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        await EndAsync(failure);
    }

    /// <summary>
    /// The same on a thread of its own, with pauses between reads. Where the transport's reads block, a busy connection then costs a handful of
    /// system calls for each pause, and not a wake-up of several threads for each message.
    /// </summary>
    private void ReceivePaced()
    {
        Exception? failure = null;
        var pacer = default(ReadPacer);
        try
        {
            while (ReadOnceAsync() is var read && (read.IsCompleted ? read.Result : read.AsTask().GetAwaiter().GetResult()))
            {
                if (pacer.PauseAfter(_lastRead.Messages, _lastRead.LeftMore) is var share and > ReadPacer.None)
                {
                    _closing.Token.WaitHandle.WaitOne(_options.ReadPause * share);
                }
            }
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        _ = EndAsync(failure);
    }

    private async Task EndAsync(Exception? failure)
    {
        if (failure is not null)
        {
            Close(new MqttClosed(MqttCloseCause.TransportFailed, MqttReasonCode.UnspecifiedError, failure.Message, failure));
        }

        try
        {
            await LeaveAsync(failure);
        }
        finally
        {
            // Whatever a transport does in its last moments: nobody may wait for the end of this connection for ever.
            _completion.TrySetResult(_closed!);
        }
    }

    private async Task LeaveAsync(Exception? failure)
    {
        try
        {
            await _outbound.Finished.WaitAsync(LastWords, _time);
        }
        catch (TimeoutException)
        {
            _outbound.Abort();
        }

        await _outbound.CompleteAsync();
        if (_closed!.Cause == MqttCloseCause.Local && Server is not null)
        {
            await HearOutAsync();
        }

        await _input.CompleteAsync(failure);
    }

    /// <summary>
    /// Waits until the server has read our last words and closed, passing over what it still sends. Closed with unread
    /// data, a TCP connection is reset, and the server may never read the acknowledgements that were on their way:
    /// mosquitto under load has seconds' worth of them waiting.
    /// </summary>
    private async Task HearOutAsync()
    {
        using var timeout = new CancellationTokenSource(ServerCloses, _time);
        try
        {
            while (true)
            {
                var result = await _input.ReadAsync(timeout.Token);
                _input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception)
        {
            // Too slow, or already gone: there is no more to be done for it.
        }
    }

    /// <summary>Reads what is there, acts on every whole packet in it and hands the publishes over.</summary>
    private async ValueTask<bool> ReadOnceAsync()
    {
        var result = await _input.ReadAsync();
        var leftMore = _paced?.LeftMore == true;
        if (_closed is not null)
        {
            return false;
        }

        _keepAlive?.Heard();
        var rest = result.Buffer;
        var batch = default(MessageBatch);
        MqttClosed? end = null;
        while (end is null)
        {
            var status = MqttDecoder.Decode(
                ref rest, _options.Version, _options.MaximumPacketSize, out var packet, out var error);
            if (status == MqttDecodeStatus.NeedMore)
            {
                break;
            }

            end = status == MqttDecodeStatus.Error ? Violation(error) : Handle(packet, ref batch);
        }

        // What came whole before a fault is still good.
        _lastRead = (batch.Count, leftMore);
        if (batch.Count > 0)
        {
            await HandOverAsync(batch);
            batch.Clear();
        }

        _input.AdvanceTo(rest.Start, result.Buffer.End);
        if (end is null && result.IsCompleted)
        {
            end = new MqttClosed(
                MqttCloseCause.TransportEnded, MqttReasonCode.UnspecifiedError, "The server closed the connection.");
        }

        if (end is not null)
        {
            Close(end);
        }

        return _closed is null;
    }

    private async ValueTask HandOverAsync(MessageBatch batch)
    {
        _keepAlive?.PauseReading();
        try
        {
            await _onPublishes(this, batch.Messages, _closing.Token);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The handler let go because the connection is closing.
        }
        catch (Exception exception)
        {
            Close(new MqttClosed(
                MqttCloseCause.HandlerFailed,
                MqttReasonCode.ImplementationSpecificError,
                exception.Message,
                exception));
        }

        _keepAlive?.ResumeReading();
    }

    private MqttClosed? Handle(in MqttPacket packet, ref MessageBatch batch)
    {
        if (Server is null)
        {
            return packet.Body is MqttConnAck connAck ? Connected(connAck) : Violation(Unexpected);
        }

        switch (packet.Type)
        {
            case MqttPacketType.Publish:
                return Receive(packet.Publish, ref batch);
            case MqttPacketType.PubAck:
                lock (_outbound.Gate)
                {
                    var isKnown = _closed is not null || _window.Acknowledged(packet.PacketId, packet.Reason);
                    _window.SendWaiting();
                    return isKnown ? null : Violation(Unexpected);
                }

            case MqttPacketType.PubRel:
                return Release(packet.PacketId);
            case MqttPacketType.SubAck or MqttPacketType.UnsubAck:
                return Answered(packet.Type, (MqttSubscribeAck)packet.Body!);
            case MqttPacketType.PingResp:
                return null;
            case MqttPacketType.Disconnect when _options.Version == MqttVersion.V5:
                return new MqttClosed(
                    MqttCloseCause.ServerDisconnect,
                    packet.Reason,
                    packet.Properties.Text(MqttPropertyId.ReasonString) ?? "The server sent DISCONNECT.");
            default:
                return Violation(Unexpected);
        }
    }

    private MqttClosed? Connected(MqttConnAck connAck)
    {
        if (connAck.Reason != MqttReasonCode.Success)
        {
            return new MqttClosed(
                MqttCloseCause.Refused,
                connAck.Reason,
                connAck.Properties.Text(MqttPropertyId.ReasonString) ?? $"The server refused: {connAck.Reason}.");
        }

        if (connAck.SessionPresent && _options.CleanStart)
        {
            return Violation(new MqttProtocolError(
                MqttReasonCode.ProtocolError, "The server resumed a session after a clean start."));
        }

        var server = ConnectPacket.Read(connAck, _options);
        lock (_outbound.Gate)
        {
            if (_closed is not null)
            {
                return null;
            }

            _window.Open(Math.Min(server.ReceiveMaximum, _options.MaximumInflight));
            Server = server;
            if (server.KeepAlive > TimeSpan.Zero)
            {
                _keepAlive = new KeepAliveMonitor(
                    _outbound, _time, server.KeepAlive, _options.PingTimeout, PingTimedOut);
            }
        }

        _connected.TrySetResult(new MqttConnectResult(
            MqttConnectOutcome.Accepted,
            MqttReasonCode.Success,
            server,
            connAck.Properties.Text(MqttPropertyId.ReasonString)));
        return null;
    }

    private MqttClosed? Receive(in MqttPublish publish, ref MessageBatch batch)
    {
        if (_aliases.Resolve(publish, out var topic) is { } aliasError)
        {
            return Violation(aliasError);
        }

        if (publish.Qos == MqttQos.ExactlyOnce && !Begin(publish.PacketId))
        {
            return null;
        }

        // More under way than our Receive Maximum is no reason to leave: mosquitto 2.0 overshoots it several times over
        // where acknowledgements come in batches, and would redeliver all of it to the next connection, which would
        // leave again. Memory stays bounded all the same, since nothing is read that was not handed over.
        // In 5.0 every subscription asks for no kept messages and for the flag as it was published.
        var isKept = publish.Retain && _options.Version == MqttVersion.V311;
        batch.Add(new MqttMessage(
            topic,
            publish.Payload,
            publish.PacketId,
            publish.Qos,
            publish.Retain,
            publish.Duplicate,
            isKept,
            publish.Properties));
        return null;
    }

    /// <returns>False for a message that came before and is not released yet.</returns>
    private bool Begin(ushort id)
    {
        lock (_outbound.Gate)
        {
            if ((_exactlyOnce ??= new()).Begin(id, out var isAnswered))
            {
                return true;
            }

            if (isAnswered && _closed is null)
            {
                MqttEncoder.WriteAcknowledgement(_outbound, _options.Version, MqttPacketType.PubRec, id);
                _outbound.Signal();
            }

            return false;
        }
    }

    /// <summary>Of an identifier that is unknown too: a PUBREL of before the connection was lost wants its answer.</summary>
    private MqttClosed? Release(ushort id)
    {
        lock (_outbound.Gate)
        {
            if (_exactlyOnce?.Release(id) == MqttRelease.TooEarly)
            {
                return Violation(Unexpected);
            }

            if (_closed is null)
            {
                MqttEncoder.WriteAcknowledgement(_outbound, _options.Version, MqttPacketType.PubComp, id);
                _outbound.Signal();
            }

            return null;
        }
    }

    private MqttClosed? Answered(MqttPacketType type, MqttSubscribeAck ack)
    {
        SubscribeRequest? request;
        lock (_outbound.Gate)
        {
            _subscribing.Remove(ack.PacketId, out request);
        }

        var isComplete = request is not null
            && request.Answer == type
            && (ack.Reasons.Count == request.Count
                || (type == MqttPacketType.UnsubAck && _options.Version == MqttVersion.V311));
        request?.Result.TrySetResult(
            isComplete ? new MqttSubscribeResult(true, ack.Reasons) : SubscribeRequest.Unanswered);
        return isComplete ? null : Violation(Unexpected);
    }

    private void PingTimedOut() => Close(new MqttClosed(
        MqttCloseCause.PingTimeout, MqttReasonCode.KeepAliveTimeout, "The server did not answer a ping."));

    private static MqttClosed Violation(MqttProtocolError error) =>
        new(MqttCloseCause.ProtocolError, error.Code, error.Detail);
}
