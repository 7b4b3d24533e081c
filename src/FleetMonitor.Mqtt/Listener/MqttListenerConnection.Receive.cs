using System.IO.Pipelines;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Mqtt.Topics;
using FleetMonitor.Mqtt.Transport;

namespace FleetMonitor.Mqtt.Listener;

/// <summary>The receive loop: one read, one batch, one hand-over.</summary>
public sealed partial class MqttListenerConnection
{
    /// <summary>A client that does not take its answers is not read from until it does.</summary>
    private const int AnswerBacklog = 64 * 1024;

    /// <summary>
    /// 3.1.1 can not announce how much may be under way: a client that sends without waiting is paused, but what it has not
    /// released yet is bounded too.
    /// </summary>
    private const int UnreleasedIn311 = 16_384;

    private static readonly MqttProtocolError Unexpected =
        new(MqttReasonCode.ProtocolError, "The client sent a packet that has no place here.");

    /// <returns>False after the last read of the connection.</returns>
    private async ValueTask<bool> TakeAsync(ReadResult result, CancellationToken cancellation)
    {
        if (_ended)
        {
            return false;
        }

        Volatile.Write(ref _lastHeard, _listener.Time.GetTimestamp());
        var rest = result.Buffer;
        var batch = default(MessageBatch);
        var goesOn = true;
        while (goesOn)
        {
            var status = MqttDecoder.Decode(
                ref rest, Version, _listener.Options.MaximumPacketSize, out var packet, out var error);
            if (status == MqttDecodeStatus.NeedMore)
            {
                break;
            }

            goesOn = status == MqttDecodeStatus.Error ? Violation(error) : Handle(packet, ref batch);
        }

        // What came whole before a fault or a goodbye is still good.
        if (batch.Count > 0)
        {
            await HandOverAsync(batch, cancellation);
            batch.Clear();
        }

        _input.AdvanceTo(rest.Start, result.Buffer.End);
        if (!goesOn || result.IsCompleted || _ended)
        {
            return false;
        }

        await WaitForAcknowledgementsAsync();
        var room = _outbound.WaitForRoomAsync(
            _deliveries is null ? AnswerBacklog : AnswerBacklog + _listener.Options.SubscriberBacklog);
        if (!room.IsCompletedSuccessfully)
        {
            _stalled = true;
            _listener.Watch(this, StallAllowed);
        }

        await room;
        _stalled = false;
        return true;
    }

    /// <summary>3.1.1 can not announce how much may be under way; there, reading stops instead.</summary>
    private async ValueTask WaitForAcknowledgementsAsync()
    {
        Task wait;
        lock (_outbound.Gate)
        {
            if (_ended || Version == MqttVersion.V5 || _inflight.Count < _listener.Options.ReceiveMaximum)
            {
                return;
            }

            _acknowledged ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            wait = _acknowledged.Task;
        }

        _paused = true;
        await wait;
        Volatile.Write(ref _lastHeard, _listener.Time.GetTimestamp());
        _paused = false;
    }

    /// <summary>Acts on one packet; false where it was the last.</summary>
    private bool Handle(in MqttPacket packet, ref MessageBatch batch)
    {
        switch (packet.Type)
        {
            case MqttPacketType.Publish:
                return Receive(packet.Publish, ref batch);
            case MqttPacketType.PubAck:
                lock (_outbound.Gate)
                {
                    return _deliveries?.Acknowledged(packet.PacketId) == true || _ended || Violation(Unexpected);
                }

            case MqttPacketType.PubRel:
                return Release(packet.PacketId);
            case MqttPacketType.Subscribe:
                return Subscribe((MqttSubscribe)packet.Body!);
            case MqttPacketType.Unsubscribe:
                return Unsubscribe((MqttUnsubscribe)packet.Body!);
            case MqttPacketType.PingReq:
                lock (_outbound.Gate)
                {
                    MqttEncoder.WritePingResp(_outbound);
                    _outbound.Signal();
                }

                return true;
            case MqttPacketType.Disconnect:
                if (packet.Reason == MqttReasonCode.Success)
                {
                    TakeWill();
                }

                End(MqttReasonCode.Success);
                return false;
            default:
                return Violation(Unexpected);
        }
    }

    private bool Receive(in MqttPublish publish, ref MessageBatch batch)
    {
        if (publish.Properties.Number(MqttPropertyId.SubscriptionIdentifier) is not null)
        {
            return Violation(Unexpected);
        }

        var topic = publish.Topic;
        if (publish.TopicAlias != 0)
        {
            _aliases ??= new TopicAliases(_listener.Options.TopicAliasMaximum);
            if (_aliases.Resolve(publish, out topic) is { } aliasError)
            {
                return Violation(aliasError);
            }
        }

        var reason = Authorize(topic.Span);
        if (reason != MqttReasonCode.Success)
        {
            return RefusePublish(publish, reason);
        }

        if (publish.Qos != MqttQos.AtMostOnce && !CountInflight(publish, out var isKnown))
        {
            return isKnown;
        }

        batch.Add(new MqttMessage(
            topic,
            publish.Payload,
            publish.PacketId,
            publish.Qos,
            publish.Retain,
            publish.Duplicate,
            false,
            publish.Properties));
        return true;
    }

    /// <returns>True where the message is to be handed over; else the connection goes on where it is known already.</returns>
    private bool CountInflight(in MqttPublish publish, out bool isKnown)
    {
        isKnown = false;
        lock (_outbound.Gate)
        {
            var isFull = Version == MqttVersion.V5
                ? _inflight.Count + _inflight.Unreleased >= _listener.Options.ReceiveMaximum
                : _inflight.Unreleased >= UnreleasedIn311;
            if (isFull)
            {
                return Violation(new MqttProtocolError(
                    MqttReasonCode.ReceiveMaximumExceeded, "The client sent more than it may have under way."));
            }

            isKnown = !_inflight.Received(_outbound, Version, publish.Qos, publish.PacketId);
            _outbound.Signal();
            return !isKnown;
        }
    }

    private bool Release(ushort id)
    {
        lock (_outbound.Gate)
        {
            if (!_inflight.Release(_outbound, Version, id))
            {
                return Violation(Unexpected);
            }

            _outbound.Signal();
            return true;
        }
    }

    private bool RefusePublish(in MqttPublish publish, MqttReasonCode reason)
    {
        _listener.Counters.Refused(MqttRefusal.Publish, reason);
        if (publish.Qos == MqttQos.AtMostOnce)
        {
            return true;
        }

        if (Version == MqttVersion.V311)
        {
            // 3.1.1 can only acknowledge or close, and an acknowledgement would promise what we do not keep.
            End(reason);
            return false;
        }

        lock (_outbound.Gate)
        {
            _inflight.Refused(_outbound, Version, publish.Qos, publish.PacketId, reason);
            _outbound.Signal();
        }

        return true;
    }

    private MqttReasonCode Authorize(ReadOnlySpan<byte> topic)
    {
        try
        {
            return _listener.Handler.AuthorizePublish(this, topic);
        }
        catch (Exception exception)
        {
            throw new HandlerException(exception);
        }
    }

    private bool Subscribe(MqttSubscribe subscribe)
    {
        if (subscribe.Properties.Number(MqttPropertyId.SubscriptionIdentifier) is not null)
        {
            return Violation(new MqttProtocolError(
                MqttReasonCode.SubscriptionIdentifiersNotSupported, "The client gave a subscription identifier."));
        }

        lock (_outbound.Gate)
        {
            _deliveries ??= new SubscriberQueue(
                _outbound, Version, _subscriberReceiveMaximum, _subscriberPacketSize,
                _listener.Options.SubscriberBacklog);
        }

        var reasons = new MqttReasonCode[subscribe.Subscriptions.Count];
        for (var i = 0; i < reasons.Length; i++)
        {
            reasons[i] = Subscribe(subscribe.Subscriptions[i]);
            if (reasons[i] >= MqttReasonCode.UnspecifiedError)
            {
                _listener.Counters.Refused(MqttRefusal.Subscribe, reasons[i]);
            }
        }

        return Answer(MqttPacketType.SubAck, new MqttSubscribeAck(subscribe.PacketId, reasons));
    }

    private MqttReasonCode Subscribe(MqttSubscription subscription)
    {
        var filter = TopicFilter.TryParse(subscription.Filter)!;
        if (TopicFilter.IsShared(filter.Utf8Text))
        {
            return MqttReasonCode.SharedSubscriptionsNotSupported;
        }

        _subscriptions ??= [];
        if (_subscriptions.Count >= _listener.Options.MaximumSubscriptions
            && !_subscriptions.ContainsKey(subscription.Filter))
        {
            return MqttReasonCode.QuotaExceeded;
        }

        MqttReasonCode reason;
        try
        {
            reason = _listener.Handler.AuthorizeSubscribe(this, filter.Utf8Text);
        }
        catch (Exception exception)
        {
            throw new HandlerException(exception);
        }

        if (reason != MqttReasonCode.Success)
        {
            return reason;
        }

        var qos = subscription.Qos == MqttQos.AtMostOnce ? MqttQos.AtMostOnce : MqttQos.AtLeastOnce;
        var grant = new SubscriptionGrant(qos, subscription.NoLocal, subscription.RetainAsPublished);
        if (!_listener.TrySubscribe(filter, this, grant))
        {
            return MqttReasonCode.QuotaExceeded;
        }

        _subscriptions[subscription.Filter] = filter;
        return (MqttReasonCode)qos;
    }

    private bool Unsubscribe(MqttUnsubscribe unsubscribe)
    {
        var reasons = new MqttReasonCode[unsubscribe.Filters.Count];
        for (var i = 0; i < reasons.Length; i++)
        {
            reasons[i] = MqttReasonCode.NoSubscriptionExisted;
            if (_subscriptions?.Remove(unsubscribe.Filters[i], out var filter) == true)
            {
                _listener.Unsubscribe(filter, this);
                reasons[i] = MqttReasonCode.Success;
            }
        }

        return Answer(MqttPacketType.UnsubAck, new MqttSubscribeAck(unsubscribe.PacketId, reasons));
    }

    private bool Answer(MqttPacketType type, MqttSubscribeAck ack)
    {
        lock (_outbound.Gate)
        {
            if (_outbound.IsOpen)
            {
                MqttEncoder.WriteSubscribeAck(_outbound, Version, type, ack);
                _outbound.Signal();
            }
        }

        return true;
    }

    private bool Violation(MqttProtocolError error)
    {
        _listener.Counters.Refused(MqttRefusal.Protocol, error.Code);
        End(error.Code);
        return false;
    }
}
