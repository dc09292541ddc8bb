using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A column's value in the row that was read last.</summary>
internal abstract class NewestCell
{
    /// <summary>Reads from another model's row from now on.</summary>
    public abstract void Bind(DataViewRow row);

    /// <summary>Reads the value.</summary>
    public abstract void Read();
}

/// <summary>A column's value of a type.</summary>
internal sealed class NewestCell<TValue>(DataViewSchema.Column column) : NewestCell
{
    private ValueGetter<TValue>? _getter;

    /// <summary>The value; nobody writes into it any more.</summary>
    public TValue Value { get; private set; } = default!;

    /// <inheritdoc/>
    public override void Bind(DataViewRow row) => _getter = row.GetGetter<TValue>(NewestMapper.Counterpart(row.Schema, column));

    /// <inheritdoc/>
    public override void Read()
    {
        TValue fresh = default!;
        _getter!(ref fresh);
        Value = fresh;
    }
}
