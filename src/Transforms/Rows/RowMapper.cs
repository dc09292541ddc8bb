using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>A computation bound to one input schema: keeps all input columns and appends the outputs; a repeated name hides the older column.</summary>
internal sealed class RowMapper : IRowToRowMapper
{
    private readonly IRowComputation _computation;
    private readonly DataViewSchema.Column?[] _inputs;

    public RowMapper(IRowComputation computation, DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _computation = computation;
        _inputs = [.. computation.Inputs.Select(input => input.BindIfThere(inputSchema))];
        InputSchema = inputSchema;
        DataViewSchema.Builder builder = new();
        builder.AddColumns(inputSchema);
        foreach (OutputColumn output in computation.Outputs)
        {
            string? maskRule = output.MaskRuleSource is { } source ? MaskRuleAnnotation.Find(_inputs[source]!.Value) : output.MaskRule;
            HuggingFaceTokenizer? tokenizer = output.MaskRuleSource is { } mask ? MaskRuleAnnotation.TokenizerOf(_inputs[mask]) : output.MaskTokenizer;
            DataViewSchema.Annotations? known = output.Truncation is { } cut ? TruncationAnnotation.Of(cut.MaxLength, cut.Policy)
                : MaskRuleAnnotation.Of(maskRule, tokenizer);
            builder.AddColumn(output.Name, output.Type, output.Note?.Annotations ?? known);
        }
        OutputSchema = builder.ToSchema();
    }

    /// <inheritdoc/>
    public DataViewSchema InputSchema { get; }

    /// <inheritdoc/>
    public DataViewSchema OutputSchema { get; }

    /// <inheritdoc/>
    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        Dependencies(Active(dependingColumns));

    /// <inheritdoc/>
    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(activeColumns);
        if (input.Schema != InputSchema)
        {
            throw new ArgumentException(
                "The row's schema is not the schema object that this mapper was made for; ask the transformer for a mapper of the row's own schema.",
                nameof(input));
        }

        return Map(input, Active(activeColumns));
    }

    /// <summary>Which columns of the output schema are asked for, by index.</summary>
    public bool[] Active(IEnumerable<DataViewSchema.Column> columns)
    {
        bool[] active = new bool[OutputSchema.Count];
        foreach (DataViewSchema.Column column in columns)
        {
            if (column.Index >= active.Length || OutputSchema[column.Index].Name != column.Name)
                throw new ArgumentException($"Column '{column.Name}' (index {column.Index}) is not a column of this schema.", nameof(columns));
            active[column.Index] = true;
        }
        return active;
    }

    /// <summary>The input columns that the active output columns pass through or are computed from.</summary>
    public IReadOnlyList<DataViewSchema.Column> Dependencies(bool[] active)
    {
        bool[] needed = new bool[InputSchema.Count];
        Array.Copy(active, needed, needed.Length);
        for (int i = 0; i < _computation.Outputs.Count; i++)
        {
            if (!active[InputSchema.Count + i])
                continue;
            foreach (int source in _computation.Outputs[i].Sources)
            {
                if (_inputs[source] is { } input)
                    needed[input.Index] = true;
            }
        }
        return [.. InputSchema.Where(column => needed[column.Index])];
    }

    /// <summary>The mapped view of a live input row whose active columns are at least <see cref="Dependencies"/>.</summary>
    public MappedRow Map(DataViewRow input, bool[] active) =>
        new(input, OutputSchema, active, _computation.CreateGetters(Bind(input), active[InputSchema.Count..]));

    /// <summary>The computation's own inputs in a live row.</summary>
    public InputRow Bind(DataViewRow input) => new(input, _inputs);
}
