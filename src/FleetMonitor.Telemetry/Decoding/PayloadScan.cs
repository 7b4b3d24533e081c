using System.Text.Json;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>Where in the payload a slot's value stands. A string's place is without its quotes; a list's is with its brackets.</summary>
internal struct Slot
{
    public int Start;
    public int Length;
    public JsonTokenType Type;
    public bool IsEscaped;
}

/// <summary>
/// One pass over a JSON payload that notes where the values stand that the profile asks for; what they mean is looked at afterwards. Of a
/// key that comes twice, the last one counts, with all that is inside it. <c>null</c> is absent (S11).
/// </summary>
internal ref struct PayloadScan(Span<Slot> slots)
{
    private const int MaxDepth = 32;

    private readonly Span<Slot> _slots = slots;
    private ulong _present;

    public readonly bool Has(int slot) => (_present & (1UL << slot)) != 0;

    public readonly Slot this[int slot] => _slots[slot];

    /// <exception cref="JsonException">The payload is not JSON, or nested too deeply.</exception>
    /// <exception cref="InvalidOperationException">A name holds half a surrogate pair.</exception>
    /// <returns>The root's type; slots are only filled where it is an object.</returns>
    public JsonTokenType Read(ReadOnlySpan<byte> json, PathNode paths)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        JsonTokenType root = reader.TokenType;
        if (root == JsonTokenType.StartObject)
        {
            ReadMembers(ref reader, paths);
        }
        else
        {
            reader.Skip();
        }

        // What follows the value must be nothing; reading on says so.
        reader.Read();
        return root;
    }

    private void ReadMembers(ref Utf8JsonReader reader, PathNode node)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            PathNode? member = reader.ValueIsEscaped ? Unescaped(ref reader, node) : node.Member(reader.ValueSpan);
            reader.Read();
            ReadValue(ref reader, member);
        }
    }

    private void ReadValue(ref Utf8JsonReader reader, PathNode? node)
    {
        if (node is null)
        {
            reader.Skip();
            return;
        }

        _present &= ~node.Within;
        var slot = new Slot
        {
            Start = (int)reader.TokenStartIndex,
            Length = reader.ValueSpan.Length,
            Type = reader.TokenType,
            IsEscaped = reader.ValueIsEscaped,
        };
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return;
            case JsonTokenType.String:
                slot.Start++;
                break;
            case JsonTokenType.StartObject when node.HasMembers:
                ReadMembers(ref reader, node);
                break;
            case JsonTokenType.StartArray when node.HasItems:
                ReadItems(ref reader, node);
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                reader.Skip();
                break;
            default:
                break;
        }

        if (slot.Type is JsonTokenType.StartArray or JsonTokenType.StartObject)
        {
            slot.Length = (int)reader.BytesConsumed - slot.Start;
        }

        _present |= node.Here;
        for (ulong rest = node.Here; rest != 0; rest &= rest - 1)
        {
            _slots[System.Numerics.BitOperations.TrailingZeroCount(rest)] = slot;
        }
    }

    private void ReadItems(ref Utf8JsonReader reader, PathNode node)
    {
        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            ReadValue(ref reader, node.Item(i));
        }
    }

    private static PathNode? Unescaped(ref Utf8JsonReader reader, PathNode node)
    {
        // Escapes only ever shorten; a longer name than this is none that a profile holds.
        const int Longest = 1024;
        if (reader.ValueSpan.Length > Longest)
        {
            return null;
        }

        Span<byte> name = stackalloc byte[Longest];
        return node.Member(name[..reader.CopyString(name)]);
    }
}
