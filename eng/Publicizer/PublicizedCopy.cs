using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace MiniMind.MLNet.Dpo.Publicizer;

/// <summary>A copy of an assembly in which chosen types and members are public; only the visibility bits differ from the original.</summary>
internal sealed class PublicizedCopy
{
    private const int FieldFlagsOffset = 0; // ECMA-335 II.22.15: Flags is the row's first column
    private const int TypeFlagsOffset = 0; // II.22.37: the same
    private const int MethodFlagsOffset = 6; // II.22.26: after RVA (4 bytes) and ImplFlags (2 bytes)

    private readonly string _original;
    private readonly byte[] _image;
    private readonly int _metadataStart;
    private readonly MetadataReader _reader;
    private readonly ILookup<string, TypeDefinitionHandle> _types;

    public PublicizedCopy(string original)
    {
        _original = original;
        _image = File.ReadAllBytes(original);
        PEReader portableExecutable = new(ImmutableArray.Create(_image));
        _metadataStart = portableExecutable.PEHeaders.MetadataStartOffset;
        _reader = portableExecutable.GetMetadataReader();
        _types = _reader.TypeDefinitions.ToLookup(FullName);
    }

    /// <summary>Makes the named type, or every overload of the named member, public.</summary>
    /// <returns><see langword="false"/> where there is none of that name.</returns>
    public bool TryPublicize(string type, string? member)
    {
        TypeDefinitionHandle handle = _types[type].SingleOrDefault();
        if (handle.IsNil)
            return false;
        if (member is not null)
            return PublicizeMembers(_reader.GetTypeDefinition(handle), member) > 0;
        PublicizeType(handle);
        return true;
    }

    /// <summary>Writes the copy under its original's name; a file that has these bytes already is left alone, so that nothing recompiles.</summary>
    public void Save(string folder)
    {
        string target = Path.Combine(Directory.CreateDirectory(folder).FullName, Path.GetFileName(_original));
        if (File.Exists(target) && File.ReadAllBytes(target).AsSpan().SequenceEqual(_image))
            return;
        string temporary = Path.Combine(folder, Path.GetRandomFileName());
        File.WriteAllBytes(temporary, _image);
        File.Move(temporary, target, overwrite: true);
    }

    private void PublicizeType(TypeDefinitionHandle handle)
    {
        TypeAttributes visibility = _reader.GetTypeDefinition(handle).IsNested ? TypeAttributes.NestedPublic : TypeAttributes.Public;
        Span<byte> row = Row(TableIndex.TypeDef, handle)[TypeFlagsOffset..];
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(row);
        BinaryPrimitives.WriteUInt32LittleEndian(row, flags & ~(uint)TypeAttributes.VisibilityMask | (uint)visibility);
    }

    private int PublicizeMembers(TypeDefinition type, string member)
    {
        int found = 0;
        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            if (_reader.StringComparer.Equals(_reader.GetFieldDefinition(field).Name, member))
            {
                PublicizeMember(Row(TableIndex.Field, field)[FieldFlagsOffset..], (ushort)FieldAttributes.FieldAccessMask, (ushort)FieldAttributes.Public);
                found++;
            }
        }
        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            string name = _reader.GetString(_reader.GetMethodDefinition(method).Name);
            if (name == member || name == "get_" + member || name == "set_" + member)
            {
                PublicizeMember(Row(TableIndex.MethodDef, method)[MethodFlagsOffset..], (ushort)MethodAttributes.MemberAccessMask,
                    (ushort)MethodAttributes.Public);
                found++;
            }
        }
        return found;
    }

    private static void PublicizeMember(Span<byte> flags, ushort mask, ushort visibility)
    {
        ushort value = BinaryPrimitives.ReadUInt16LittleEndian(flags);
        BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(value & ~mask | visibility));
    }

    private Span<byte> Row(TableIndex table, EntityHandle handle)
    {
        int offset = _reader.GetTableMetadataOffset(table) + (MetadataTokens.GetRowNumber(handle) - 1) * _reader.GetTableRowSize(table);
        return _image.AsSpan(_metadataStart + offset);
    }

    private string FullName(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _reader.GetTypeDefinition(handle);
        string name = _reader.GetString(type.Name);
        if (type.IsNested)
            return $"{FullName(type.GetDeclaringType())}+{name}";
        return type.Namespace.IsNil ? name : $"{_reader.GetString(type.Namespace)}.{name}";
    }
}
