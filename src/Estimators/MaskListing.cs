using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Writes prepared pairs for people, with what is trained on marked.</summary>
internal sealed class MaskListing(PairColumns columns, HuggingFaceTokenizer tokenizer, MarkedText marking)
{
    private const string Indentation = "    ";

    /// <summary>Writes the first pairs of a view.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public void Write(IDataView view, int count, TextWriter output)
    {
        ResponseColumns chosen = new(columns.ChosenInputIds, columns.ChosenLabels, columns.ChosenLossMask);
        ResponseColumns rejected = new(columns.RejectedInputIds, columns.RejectedLabels, columns.RejectedLossMask);
        InputColumn[] inputs = [.. chosen.Inputs, .. rejected.Inputs];
        DataViewSchema.Column[] bound = [.. inputs.Select(input => input.Bind(view.Schema))];
        DataViewSchema.Column? line = LineNumbers.Find(view.Schema, columns.LineNumber);
        DataViewSchema.Column?[] texts = [TextColumn(view, ColumnNames.ChosenText), TextColumn(view, ColumnNames.RejectedText)];
        using DataViewRowCursor cursor = view.GetRowCursor([.. bound, .. texts.Append(line).OfType<DataViewSchema.Column>()]);
        InputRow row = new(cursor, [.. bound]);
        Func<ReadOnlyMemory<int>>[] ids = [row.Vector<int>(0), row.Vector<int>(3)], labels = [row.Vector<int>(1), row.Vector<int>(4)];
        Func<ReadOnlyMemory<float>>[] masks = [row.Vector<float>(2), row.Vector<float>(5)];
        ValueGetter<ReadOnlyMemory<char>>?[] rendered = [.. texts.Select(text => text is { } found ? cursor.GetGetter<ReadOnlyMemory<char>>(found) : null)];
        ValueGetter<long>? lineOf = line is { } numbered ? cursor.GetGetter<long>(numbered) : null;
        int pair = 0;
        while (pair < count && cursor.MoveNext())
        {
            if (pair == 0)
                output.WriteLine(marking.Legend);
            output.WriteLine(Invariant($"pair {++pair}{Line(lineOf)}"));
            for (int side = 0; side < 2; side++)
                Write(side == 0 ? "chosen" : "rejected", ids[side]().Span, labels[side]().Span, masks[side]().Span, rendered[side], output);
        }
        if (pair == 0)
            output.WriteLine("no pairs");
    }

    private void Write(string side, ReadOnlySpan<int> ids, ReadOnlySpan<int> labels, ReadOnlySpan<float> mask, ValueGetter<ReadOnlyMemory<char>>? rendered,
        TextWriter output)
    {
        // the first token is never predicted, so that no mask is needed for it
        int[] tokens = ids.IsEmpty ? [] : [ids[0], .. labels];
        bool[] trained = ids.IsEmpty ? [] : [false, .. mask.ToArray().Select(value => value != 0)];
        int count = trained.Count(isTrained => isTrained);
        output.WriteLine(
            Invariant(
            $"  {side}: {tokens.Length} tokens, {(count == 0 ? "none" : count.ToString(CultureInfo.InvariantCulture))} trained{Cut(tokens, rendered)}"));
        output.WriteLine(marking.Lines(Pieces(tokens, trained), Indentation));
    }

    private IEnumerable<(string Text, bool IsMarked)> Pieces(int[] tokens, bool[] trained)
    {
        for (int start = 0; start < tokens.Length;)
        {
            int end = start;
            while (end < tokens.Length && trained[end] == trained[start])
                end++;
            yield return (tokenizer.Decode(tokens.AsSpan(start..end)), trained[start]);
            start = end;
        }
    }

    /// <summary>What the text has more than the tokens, and at which end.</summary>
    private string Cut(int[] tokens, ValueGetter<ReadOnlyMemory<char>>? rendered)
    {
        if (rendered is null)
            return "";
        ReadOnlyMemory<char> text = default;
        rendered(ref text);
        int[] whole = tokenizer.EncodeRendered(text.ToString());
        if (whole.Length <= tokens.Length)
            return "";
        string place = whole.AsSpan().StartsWith(tokens) ? " at the end" : whole.AsSpan().EndsWith(tokens) ? " at the start" : "";
        return Invariant($", {whole.Length - tokens.Length} cut off{place}");
    }

    private static string Line(ValueGetter<long>? lineOf)
    {
        if (lineOf is null)
            return "";
        long line = 0;
        lineOf(ref line);
        return Invariant($", line {line}");
    }

    private static DataViewSchema.Column? TextColumn(IDataView view, string name) =>
        view.Schema.GetColumnOrNull(name) is { Type: TextDataViewType } column ? column : null;

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
