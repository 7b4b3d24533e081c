namespace FleetMonitor.Ledger.Store;

/// <summary>A parameter of a <see cref="WriteStatement"/>: an integer, text, bytes, or nothing. Made without boxing.</summary>
internal readonly struct SqlValue
{
    private SqlValue(SqlType type, long number = 0, string? text = null, ReadOnlyMemory<byte> bytes = default) =>
        (Type, Number, Text, Bytes) = (type, number, text, bytes);

    public SqlType Type { get; }

    public long Number { get; }

    public string? Text { get; }

    public ReadOnlyMemory<byte> Bytes { get; }

    public static implicit operator SqlValue(long value) => new(SqlType.Integer, value);

    public static implicit operator SqlValue(long? value) => value is { } number ? new(SqlType.Integer, number) : default;

    public static implicit operator SqlValue(string? value) => value is null ? default : new(SqlType.Text, text: value);

    public static implicit operator SqlValue(ReadOnlyMemory<byte> value) => new(SqlType.Blob, bytes: value);

    public static implicit operator SqlValue(byte[]? value) => value is null ? default : new(SqlType.Blob, bytes: value);
}

internal enum SqlType : byte
{
    Null,
    Integer,
    Text,
    Blob,
}
