using MiniMind.MLNet.Dpo.Transforms;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace Microsoft.ML;

/// <summary>The steps from conversations to a language model's training rows, as verbs on <c>mlContext.Transforms</c>.</summary>
public static class PreferenceTransformsCatalog
{
    /// <summary>Makes a model's inputs, labels and loss mask of one side's tokens and mask: x = ids[:-1], y = ids[1:], m = mask[1:].</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="column">The side, such as <c>Chosen</c>; the names below default to this and a suffix.</param>
    /// <param name="tokensColumnName">The tokens that are read, a vector of <see cref="int"/>; by default <c>ChosenTokens</c>.</param>
    /// <param name="maskColumnName">Their mask, a vector of <see cref="float"/> of the same length; by default <c>ChosenMask</c>.</param>
    /// <param name="inputIdsColumnName">The added column of tokens that the model reads; by default <c>ChosenInputIds</c>.</param>
    /// <param name="labelsColumnName">The added column of tokens that it should predict; by default <c>ChosenLabels</c>.</param>
    /// <param name="lossMaskColumnName">The added column that says which predictions count; by default <c>ChosenLossMask</c>.</param>
    /// <exception cref="ArgumentException">Two of the added columns have the same name.</exception>
    public static IEstimator<ITransformer> ShiftForNextToken(
        this TransformsCatalog catalog, string column,
        string? tokensColumnName = null, string? maskColumnName = null,
        string? inputIdsColumnName = null, string? labelsColumnName = null, string? lossMaskColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        ShiftForNextTokenColumns defaults = ShiftForNextTokenColumns.For(column);
        return new RowToRowEstimator(new ShiftForNextTokenTransformer(new ShiftForNextTokenColumns(
            tokensColumnName ?? defaults.Tokens,
            maskColumnName ?? defaults.Mask,
            inputIdsColumnName ?? defaults.InputIds,
            labelsColumnName ?? defaults.Labels,
            lossMaskColumnName ?? defaults.LossMask)));
    }
}
