using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

public sealed class LifetimeTests
{
    private static readonly LifetimeRules s_rules = new(typeof(torch).Assembly.Location);
    private static readonly IReadOnlyList<CompiledMethod> s_library = [.. LibraryAssemblies.Paths.SelectMany(CompiledCode.Methods)];

    [Fact]
    public void Library_NativeObjectsOfTorchSharp_LiveUntilTheCallIsOver()
    {
        s_library.Should().Contain(method => method.Name == nameof(ScalarOperations.MulInPlace), "the test must see the code");
        s_rules.Violations(s_library, typeof(ScalarOperations).FullName!).Should().BeEmpty();
    }

    [Fact]
    public void Library_Assemblies_AreThoseOfItsProjects() =>
        LibraryAssemblies.Paths.Select(Path.GetFileNameWithoutExtension).Should().BeEquivalentTo(
            LibrarySources.Of(pattern: "*.csproj").Keys
                .Where(path => !DirectionRules.Beside.Any(folder => path.StartsWith($"{folder}/", StringComparison.Ordinal)))
                .Select(Path.GetFileNameWithoutExtension));

    [Fact]
    public void Library_TypesWithFinalizers_AreThoseThatTheRulesKnow() =>
        s_rules.TypesUsed(s_library).Should().Equal(
            ["TorchSharp.Scalar", "TorchSharp.torch+Generator", "TorchSharp.torch+Tensor", "TorchSharp.torch+nn+Module"],
            "tensors live in dispose scopes or are disposed, modules belong to who trains or serves; another type needs a rule");

    [Theory]
    [InlineData(nameof(LeakyOperations.NumberTimes), "op_Multiply(Tensor, Single)")]
    [InlineData(nameof(LeakyOperations.TwoTensors), "op_Addition(Tensor, Tensor)")]
    [InlineData(nameof(LeakyOperations.Compared), "op_Implicit(Int32)")]
    [InlineData(nameof(LeakyOperations.Filled), "op_Implicit(Boolean)")]
    [InlineData(nameof(LeakyOperations.Counted), "arange(")]
    [InlineData(nameof(LeakyOperations.Masked), "op_Implicit(Double)")]
    [InlineData(nameof(LeakyOperations.Normed), "vector_norm(")]
    [InlineData("<InALambda>", "op_Implicit(Int32)")]
    [InlineData("MoveNext", "op_Implicit(Int32)")]
    [InlineData(nameof(LeakyOperations.Read), "ToScalar()")]
    [InlineData(nameof(LeakyOperations.Address), "takes a tensor's handle")]
    [InlineData(nameof(LeakyOperations.Shuffled), "does not dispose each generator")]
    [InlineData(nameof(LeakyOperations.State), "get_rng_state()")]
    [InlineData(nameof(LeakyOperations.Seeded), "does not dispose each generator")]
    public void Violations_CodeThatLeavesAnObjectToTheFinalizer_IsFound(string method, string fault)
    {
        IEnumerable<CompiledMethod> leaky = CompiledCode.Methods(typeof(LeakyOperations).Assembly.Location)
            .Where(code => code.Type.StartsWith(typeof(LeakyOperations).FullName!, StringComparison.Ordinal)
                && code.Name.Contains(method, StringComparison.Ordinal));

        s_rules.Violations(leaky, typeof(ScalarOperations).FullName!).Should().Contain(found => found.Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public void Violations_TheNamedPlaceThatForgetsOne_IsFound() =>
        s_rules.Violations(
            [new CompiledMethod("Named", "Twice", "()Void",
                ["TorchSharp.ScalarExtensionMethods::ToScalar(Double)TorchSharp.Scalar",
                "TorchSharp.torch+Tensor::mul(TorchSharp.Scalar)TorchSharp.torch+Tensor"])], "Named")
            .Should().Equal("Named.Twice does not dispose each number that it makes.");

    [Fact]
    public void MakesScalarInside_MethodsOfTorchSharp_AreToldFromTheirCode()
    {
        s_rules.MakesScalarInside("TorchSharp.torch+Tensor::add(TorchSharp.torch+Tensor)TorchSharp.torch+Tensor").Should()
            .BeTrue("it multiplies the other by 1");
        s_rules.MakesScalarInside("TorchSharp.torch+Tensor::op_Addition(TorchSharp.torch+Tensor, TorchSharp.torch+Tensor)TorchSharp.torch+Tensor").Should()
            .BeTrue("it calls the former");
        s_rules.MakesScalarInside("TorchSharp.torch+Tensor::mul(TorchSharp.torch+Tensor)TorchSharp.torch+Tensor").Should().BeFalse();
        s_rules.FinalizableTypes.Should().Contain("TorchSharp.Scalar");
    }
}
