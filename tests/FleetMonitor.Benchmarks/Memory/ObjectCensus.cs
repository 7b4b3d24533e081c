using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FleetMonitor.Benchmarks.Memory;

/// <summary>Every object that can be reached from a root, counted by type, in bytes of the managed heap. For small fleets: it takes its time.</summary>
internal sealed class ObjectCensus
{
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Fields = [];

    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Type, (long Count, long Bytes)> _byType = [];
    private readonly Stack<object> _next = [];

    /// <summary>By type, the largest share first.</summary>
    public static IReadOnlyList<(Type Type, long Count, long Bytes)> Of(params object[] roots)
    {
        var census = new ObjectCensus();
        foreach (object root in roots)
        {
            census.Visit(root);
        }

        while (census._next.TryPop(out object? next))
        {
            census.Open(next);
        }

        return [.. census._byType.Select(pair => (pair.Key, pair.Value.Count, pair.Value.Bytes)).OrderByDescending(row => row.Bytes)];
    }

    private void Visit(object? value)
    {
        // Types, threads and the like belong to the runtime.
        if (value is null or MemberInfo or Assembly or Module or Thread or Delegate or Pointer || !_seen.Add(value))
        {
            return;
        }

        (long count, long bytes) = _byType.GetValueOrDefault(value.GetType());
        _byType[value.GetType()] = (count + 1, bytes + SizeOf(value));
        _next.Push(value);
    }

    private void Open(object value)
    {
        if (value is Array array)
        {
            Type element = array.GetType().GetElementType()!;
            if (!MayHoldReference(element))
            {
                return;
            }

            foreach (object? item in array)
            {
                if (item is not null && item.GetType().IsValueType)
                {
                    Open(item);
                }
                else
                {
                    Visit(item);
                }
            }

            return;
        }

        foreach (FieldInfo field in Fields.GetOrAdd(value.GetType(), FieldsOf))
        {
            object? held = field.GetValue(value);
            if (held is not null && field.FieldType.IsValueType)
            {
                Open(held);
            }
            else
            {
                Visit(held);
            }
        }
    }

    private static FieldInfo[] FieldsOf(Type type)
    {
        var fields = new List<FieldInfo>();
        for (Type? level = type; level is not null; level = level.BaseType)
        {
            fields.AddRange(level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(field => MayHoldReference(field.FieldType)));
        }

        return [.. fields];
    }

    /// <summary>True where a value of the type may hold a reference.</summary>
    private static bool MayHoldReference(Type type) => !type.IsPointer && !type.IsByRefLike
        && (!type.IsValueType || (!type.IsPrimitive && !type.IsEnum && (bool)typeof(RuntimeHelpers)
            .GetMethod(nameof(RuntimeHelpers.IsReferenceOrContainsReferences))!.MakeGenericMethod(type).Invoke(null, null)!));

    /// <summary>As the runtime allocates it: the base size of its type, and the size of an element for each that it has.</summary>
    private static long SizeOf(object value)
    {
        nint table = value.GetType().TypeHandle.Value;
        long fixedPart = Marshal.ReadInt32(table + 4);
        long element = value is Array or string ? (ushort)Marshal.ReadInt16(table) : 0;
        long count = value is Array array ? array.LongLength : value is string text ? text.Length : 0;
        return (fixedPart + (element * count) + 7) & ~7L;
    }
}
