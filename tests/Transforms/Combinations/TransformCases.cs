using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>All cases; a new component joins every combination test by one entry here.</summary>
public static class TransformCases
{
    private static readonly TransformCase[] All =
    [
        new TypedTransformCase<ShiftForNextTokenCase.Input, ShiftForNextTokenCase.Output>(
            "ShiftForNextToken", ShiftForNextTokenCase.Rows, context => context.Transforms.ShiftForNextToken("Chosen"), ShiftForNextTokenCase.Reads),
    ];

    /// <summary>Names for <c>[MemberData]</c>.</summary>
    public static TheoryData<string> Names => [.. All.Select(c => c.Name)];

    /// <summary>The case of this name.</summary>
    public static TransformCase Named(string name) => All.Single(c => c.Name == name);
}
