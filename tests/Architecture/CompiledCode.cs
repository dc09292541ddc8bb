using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>Reads which methods a compiled library's methods use, from its intermediate language.</summary>
internal static class CompiledCode
{
    private static readonly Dictionary<int, OpCode> s_codes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).Where(code => code.OpCodeType != OpCodeType.Nternal).ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>All methods that have code, including those that the compiler made of lambdas and iterators.</summary>
    public static IReadOnlyList<CompiledMethod> Methods(string assembly)
    {
        using PEReader file = new(File.OpenRead(assembly));
        MetadataReader reader = file.GetMetadataReader();
        List<CompiledMethod> methods = [];
        foreach (MethodDefinitionHandle handle in reader.MethodDefinitions)
        {
            MethodDefinition method = reader.GetMethodDefinition(handle);
            if (method.RelativeVirtualAddress == 0)
                continue;
            List<string> calls = Calls(reader, file.GetMethodBody(method.RelativeVirtualAddress).GetILBytes()!);
            methods.Add(new CompiledMethod(CompiledTypeNames.Of(reader, method.GetDeclaringType()), reader.GetString(method.Name),
                Signature(method.DecodeSignature(CompiledTypeNames.Instance, null)), calls));
        }
        return methods;
    }

    private static List<string> Calls(MetadataReader reader, byte[] code)
    {
        List<string> calls = [];
        for (int at = 0; at < code.Length;)
        {
            int value = code[at++];
            if (value == 0xfe)
                value = value << 8 | code[at++];
            OpCode instruction = s_codes[value];
            if (instruction.OperandType is OperandType.InlineMethod
                && Name(reader, System.Reflection.Metadata.Ecma335.MetadataTokens.EntityHandle(BitConverter.ToInt32(code, at))) is { } name)
            {
                calls.Add(name);
            }

            at += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
        return calls;
    }

    private static string? Name(MetadataReader reader, EntityHandle token)
    {
        if (token.Kind == HandleKind.MethodSpecification)
            token = reader.GetMethodSpecification((MethodSpecificationHandle)token).Method;
        if (token.Kind == HandleKind.MethodDefinition)
        {
            MethodDefinition method = reader.GetMethodDefinition((MethodDefinitionHandle)token);
            return $"{CompiledTypeNames.Of(reader, method.GetDeclaringType())}::{reader.GetString(method.Name)}" +
                Signature(method.DecodeSignature(CompiledTypeNames.Instance, null));
        }
        MemberReference member = reader.GetMemberReference((MemberReferenceHandle)token);
        return $"{CompiledTypeNames.Of(reader, member.Parent)}::{reader.GetString(member.Name)}" +
            Signature(member.DecodeMethodSignature(CompiledTypeNames.Instance, null));
    }

    private static string Signature(MethodSignature<string> signature)
    {
        ImmutableArray<string> parameters = signature.ParameterTypes;
        return $"({string.Join(", ", parameters)}){signature.ReturnType}";
    }
}
