using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace Microsoft.ML;

/// <content>A look at what is trained on.</content>
public sealed partial class PreferenceCatalog
{
    /// <summary>Prints prepared pairs with the tokens that are trained on coloured, so that a person can see what a model will learn.</summary>
    /// <param name="view">Prepared pairs, as <c>PreparePreferencePairs</c> makes them.</param>
    /// <param name="count">How many pairs to print, from the first on.</param>
    /// <param name="tokenizer">The tokenizer of the tokens; <see langword="null"/> for the one that the preparation used, which data that was stored does
    /// not know.</param>
    /// <param name="columns">The names of the columns; <see langword="null"/> for the defaults.</param>
    /// <param name="output">Where to print; <see langword="null"/> for the console.</param>
    /// <remarks>
    /// On a console that shows colours the trained tokens are green; elsewhere, where the output is redirected, and where the environment variable
    /// <c>NO_COLOR</c> is set, they stand between <c>[[</c> and <c>]]</c>. Above each side are its length, the number of trained tokens, and how many tokens
    /// were cut off, where the view still has its rendered text. Line ends are shown as <c>↵</c>; control characters as their code, so that no text can command
    /// the console.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1, or a column is missing or of another type.</exception>
    /// <exception cref="ArgumentException">The tokenizer is not known and none was given.</exception>
    public void ShowMasks(IDataView view, int count = 3, HuggingFaceTokenizer? tokenizer = null, PairColumns? columns = null, TextWriter? output = null)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        columns ??= new PairColumns();
        tokenizer ??= MaskRuleAnnotation.TokenizerOf(view.Schema.GetColumnOrNull(columns.ChosenLossMask)) ??
            throw new ArgumentException("The data does not say which tokenizer made its tokens, as data that was stored; give the model's tokenizer.",
                nameof(tokenizer));
        new MaskListing(columns, tokenizer, new MarkedText(output is null && MarkedText.ConsoleHasColours)).Write(view, count, output ?? Console.Out);
    }

    /// <summary>Prints prepared pairs with the tokens that are trained on coloured; see the overload that takes a tokenizer.</summary>
    /// <param name="view">Prepared pairs, as <c>PreparePreferencePairs</c> makes them.</param>
    /// <param name="count">How many pairs to print, from the first on.</param>
    /// <param name="model">The model that the pairs are prepared for.</param>
    /// <param name="columns">The names of the columns; <see langword="null"/> for the defaults.</param>
    /// <param name="output">Where to print; <see langword="null"/> for the console.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1, or a column is missing or of another type.</exception>
    public void ShowMasks(IDataView view, int count, PretrainedModel model, PairColumns? columns = null, TextWriter? output = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ShowMasks(view, count, model.Tokenizer, columns, output);
    }
}
