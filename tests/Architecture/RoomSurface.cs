using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>What the projects within the library show, and what of it the library around them uses.</summary>
internal static class RoomSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The public types and members of an assembly that one beside it does not name, such as <c>Ns.Type.Member</c>.</summary>
    /// <remarks>A member counts where its type does; what implements an interface or overrides is named through what it stands for.</remarks>
    public static IReadOnlyList<string> Unused(Assembly room, string around)
    {
        HashSet<string> named = Named(around, room.GetName().Name!);
        List<string> unused = [];
        foreach (Type type in room.GetExportedTypes())
        {
            if (!named.Contains(Plain(type)))
                unused.Add(Plain(type));
            else if (type is { IsEnum: false, IsInterface: false })
                unused.AddRange(Members(type).Select(member => $"{Plain(type)}.{member}").Where(member => !named.Contains(member)));
        }
        return [.. unused.Distinct().Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Members(Type type)
    {
        HashSet<MethodInfo> elsewhere = type.IsGenericTypeDefinition ? []
            : [.. type.GetInterfaces().SelectMany(contract => type.GetInterfaceMap(contract).TargetMethods)];
        return type.GetMethods(Declared)
            .Where(method => !elsewhere.Contains(method) && method.GetBaseDefinition() == method && !method.IsDefined(typeof(CompilerGeneratedAttribute)))
            .Where(method => !method.IsSpecialName).Select(method => method.Name)
            .Concat(type.GetProperties(Declared).Where(property => !elsewhere.Contains(property.GetMethod!) && !IsParameter(type, property))
                .Select(property => property.Name))
            .Concat(type.GetFields(Declared).Where(field => !field.IsLiteral).Select(field => field.Name));
    }

    // of a record whose constructor is used
    private static bool IsParameter(Type type, PropertyInfo property) =>
        type.GetConstructors().SelectMany(constructor => constructor.GetParameters()).Any(parameter => parameter.Name == property.Name);

    private static HashSet<string> Named(string assembly, string room)
    {
        using PEReader file = new(File.OpenRead(assembly));
        MetadataReader reader = file.GetMetadataReader();
        HashSet<string> named = [];
        foreach (TypeReferenceHandle handle in reader.TypeReferences.Where(handle => IsIn(reader, handle, room)))
            named.Add(CompiledTypeNames.Of(reader, handle));
        foreach (MemberReference member in reader.MemberReferences.Select(reader.GetMemberReference))
        {
            string name = reader.GetString(member.Name);
            foreach (string prefix in (string[])["get_", "set_"])
                name = name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
            if (member.Parent.Kind is HandleKind.TypeReference or HandleKind.TypeSpecification)
                named.Add($"{CompiledTypeNames.Of(reader, member.Parent)}.{name}");
        }
        return named;
    }

    private static bool IsIn(MetadataReader reader, TypeReferenceHandle handle, string assembly)
    {
        EntityHandle scope = reader.GetTypeReference(handle).ResolutionScope;
        return scope.Kind == HandleKind.TypeReference ? IsIn(reader, (TypeReferenceHandle)scope, assembly)
            : scope.Kind == HandleKind.AssemblyReference
                && reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name) == assembly;
    }

    private static string Plain(Type type) => type.FullName!;
}
