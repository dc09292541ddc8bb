using System.Reflection;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Tests.Transforms;

/// <summary>The library is compiled as if some internals of ML.NET were public; its own signatures must not show them to anyone.</summary>
public sealed class PublicSignatureTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void ExportedTypes_EverySignature_NamesPublicTypesOnly()
    {
        string[] leaks =
        [
            .. from type in typeof(RowMapper).Assembly.GetExportedTypes()
               from used in Bases(type).Concat(Members(type)).SelectMany(Parts)
               where !used.IsVisible
               select $"{type.Name} shows {used.FullName}",
        ];

        leaks.Distinct().Should().BeEmpty();
    }

    private static IEnumerable<Type> Bases(Type type) => type.BaseType is { } parent ? [parent] : [];

    private static IEnumerable<Type> Members(Type type) =>
        type.GetMembers(Declared).SelectMany<MemberInfo, Type>(member => member switch
        {
            FieldInfo field when field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly => [field.FieldType],
            MethodBase method when method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly =>
                [.. method.GetParameters().Select(p => p.ParameterType), .. method is MethodInfo { ReturnType: var result } ? [result] : Type.EmptyTypes],
            _ => [],
        });

    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
            return Parts(type.GetElementType()!);
        if (type.IsGenericParameter)
            return [];
        return type.IsGenericType ? [type.GetGenericTypeDefinition(), .. type.GetGenericArguments().SelectMany(Parts)] : [type];
    }
}
