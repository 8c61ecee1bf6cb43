using System.Buffers;

namespace MessagingModels.Broker.Groups;

/// <summary>An offset as it is stored.</summary>
/// <param name="Offset">The next offset to read.</param>
/// <param name="LeaderEpoch">The epoch the consumer read it in; -1 for none.</param>
/// <param name="Metadata">The text committed with it.</param>
/// <param name="CommittedAtMs">Milliseconds since 1970.</param>
internal readonly record struct StoredOffset(long Offset, int LeaderEpoch, string Metadata, long CommittedAtMs);

/// <summary>What the key of a record in the offsets log names.</summary>
internal enum OffsetRecordKind
{
    Unknown,
    Offset,
    Group,
}

/// <summary>The key of a record in the offsets log.</summary>
internal readonly record struct OffsetRecordKey(OffsetRecordKind Kind, string GroupId, TopicPartition Partition);

/// <summary>
/// Keys and values of the offsets log, as in Kafka's <c>__consumer_offsets</c>: offset key 0 or 1 and value 3, group key 2 and value 3.
/// </summary>
internal static class OffsetRecords
{
    private const short OffsetKeyVersion = 1;
    private const short GroupKeyVersion = 2;
    private const short ValueVersion = 3;

    public static void WriteOffsetKey(IBufferWriter<byte> destination, string groupId, TopicPartition partition)
    {
        StateFieldWriter fields = new(destination);
        fields.Int16(OffsetKeyVersion);
        fields.String(groupId);
        fields.String(partition.Topic);
        fields.Int32(partition.Partition);
    }

    public static void WriteOffsetValue(IBufferWriter<byte> destination, in StoredOffset offset)
    {
        StateFieldWriter fields = new(destination);
        fields.Int16(ValueVersion);
        fields.Int64(offset.Offset);
        fields.Int32(offset.LeaderEpoch);
        fields.String(offset.Metadata);
        fields.Int64(offset.CommittedAtMs);
    }

    public static void WriteGroupKey(IBufferWriter<byte> destination, string groupId)
    {
        StateFieldWriter fields = new(destination);
        fields.Int16(GroupKeyVersion);
        fields.String(groupId);
    }

    public static void WriteGroupValue(IBufferWriter<byte> destination, GroupMetadata group)
    {
        StateFieldWriter fields = new(destination);
        fields.Int16(ValueVersion);
        fields.String(group.ProtocolType);
        fields.Int32(group.Generation);
        fields.String(group.ProtocolName);
        fields.String(group.LeaderId);
        fields.Int64(group.StateTimestampMs);
        fields.Int32(group.Members.Count);
        foreach (GroupMember member in group.Members)
        {
            fields.String(member.MemberId);
            fields.String(member.GroupInstanceId);
            fields.String(member.ClientId);
            fields.String(member.ClientHost);
            fields.Int32(Milliseconds(member.RebalanceTimeout));
            fields.Int32(Milliseconds(member.SessionTimeout));
            fields.Bytes(member.MetadataOf(group.ProtocolName).Span);
            fields.Bytes(member.Assignment.Span);
        }
    }

    /// <summary>Reads a key; <see cref="OffsetRecordKind.Unknown"/> for one of a kind that a later version may have written.</summary>
    public static OffsetRecordKey ReadKey(ReadOnlySpan<byte> key)
    {
        StateFieldReader fields = new(key);
        short version = fields.Int16();
        OffsetRecordKey read = version switch
        {
            0 or OffsetKeyVersion => new(OffsetRecordKind.Offset, fields.String(), new TopicPartition(fields.String(), fields.Int32())),
            GroupKeyVersion => new(OffsetRecordKind.Group, fields.String(), default),
            _ => default,
        };
        return fields.IsValid ? read : default;
    }

    /// <exception cref="InvalidDataException">The bytes are no such value.</exception>
    public static StoredOffset ReadOffsetValue(ReadOnlySpan<byte> value)
    {
        StateFieldReader fields = new(value);
        short version = fields.Int16();
        StoredOffset offset = new(fields.Int64(), fields.Int32(), fields.String(), fields.Int64());
        return fields.IsValid && version == ValueVersion
            ? offset
            : throw new InvalidDataException($"An offset in the offsets log has value version {version}; {ValueVersion} is known, or its {value.Length} bytes are damaged.");
    }

    /// <exception cref="InvalidDataException">The bytes are no such value.</exception>
    public static GroupMetadata ReadGroupValue(ReadOnlySpan<byte> value)
    {
        StateFieldReader fields = new(value);
        short version = fields.Int16();
        string protocolType = fields.String();
        int generation = fields.Int32();
        string? protocolName = fields.NullableString();
        string? leaderId = fields.NullableString();
        long stateTimestampMs = fields.Int64();
        GroupMember[] members = new GroupMember[fields.Count(minItemBytes: 24)];
        for (int i = 0; i < members.Length; i++) members[i] = ReadMember(ref fields, protocolName ?? "");
        if (!fields.IsValid || version != ValueVersion)
            throw new InvalidDataException($"A group in the offsets log has value version {version}; {ValueVersion} is known, or its {value.Length} bytes are damaged.");
        return new GroupMetadata
        {
            ProtocolType = protocolType,
            Generation = generation,
            ProtocolName = protocolName,
            LeaderId = leaderId,
            StateTimestampMs = stateTimestampMs,
            Members = members,
        };
    }

    private static GroupMember ReadMember(ref StateFieldReader fields, string protocolName)
    {
        GroupMember member = new()
        {
            MemberId = fields.String(),
            GroupInstanceId = fields.NullableString(),
            ClientId = fields.String(),
            ClientHost = fields.String(),
            RebalanceTimeout = TimeSpan.FromMilliseconds(fields.Int32()),
            SessionTimeout = TimeSpan.FromMilliseconds(fields.Int32()),
        };
        member.Protocols = [new GroupProtocol(protocolName, fields.Bytes().ToArray())];
        member.Assignment = fields.Bytes().ToArray();
        return member;
    }

    private static int Milliseconds(TimeSpan time) => (int)Math.Min(int.MaxValue, time.TotalMilliseconds);
}
