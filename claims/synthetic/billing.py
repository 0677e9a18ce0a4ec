"""From claims to claim lines as billed: items, amounts, adjustments, denials and dirt."""

from __future__ import annotations

from pyspark.sql import DataFrame

from claims.model import INPUT_TABLES
from claims.synthetic.draws import extend, identifier, money, select
from claims.synthetic.tariff import DRUG_MENUS, HOSPITAL_MENUS, ITEMS, served
from claims.synthetic.world import SOURCE, World, provider_id

VOIDED, REPLACED, DENIED, PENDING, DIRTY = 0.005, 0.008, 0.03, 0.004, 0.001
NULL_TEXT = "cast(null as string)"


def _items(world: World) -> DataFrame:
    rows = [
        (
            item.menu,
            place,
            item.code,
            item.menu in DRUG_MENUS,
            item.menu in HOSPITAL_MENUS,
            float(item.fee),
            item.units,
            item.approval,
            list(item.diagnoses),
        )
        for menu in {item.menu: None for item in ITEMS}
        for place, item in enumerate(served(menu))
    ]
    return world.spark.createDataFrame(
        rows,
        "line_menu string, place_on_menu int, code string, is_drug boolean, is_hospital boolean,"
        " fee double, most_units int, approval boolean, diagnoses array<string>",
    ).hint("broadcast")


def lines(world: World, claims: DataFrame) -> DataFrame:
    """One row a claim and line ``j``: its item, its units and its money in euro (doubles)."""
    draws = world.draws
    key = ("i", "e", "step", "r")
    wide = extend(
        extend(
            claims,
            j=f"explode(sequence(1, {draws.whole('fewest_lines', 'most_lines', 'many', *key)}))",
        ),
        line_menu="if(j = 1, menu, follow)",
        spots="if(j = 1, menu_places, follow_places)",
        # Refills of one episode are of one drug; the next episode takes another.
        place_on_menu="case when menu = 'maintenance' then "
        f"cast(pmod({draws.whole(0, 11, 'm', 'i')} + e, 12) as int) else "
        "cast(pmod(cast(floor(spots * "
        f"pow({draws.uniform('item', *key)}, 1.3D)) as int) + j, spots) as int) end",
    ).join(_items(world), on=["line_menu", "place_on_menu"])
    km = f"least(140D, exp(2.4D + 0.7D * {draws.normal('km', 'i', 'e')}))"
    return extend(
        wide,
        supply="case when not is_drug then cast(null as int) when menu = 'maintenance' then 30 "
        f"else element_at(array(5, 7, 10), {draws.whole(1, 3, 'supply', *key)}) end",
        km=f"if(claim_type = 'transport', cast({km} as decimal(9,1)), null)",
        units="case when is_drug then supply * most_units when line_menu = 'distance' then km "
        f"else {draws.whole(1, 'most_units', 'units', *key, 'j')} end",
        spread=f"if(is_hospital, exp(0.45D * {draws.normal('spread', *key, 'j')}), 1D)",
        tariff="fee * units * spread * if(line_menu = 'room', greatest(1, nights), 1)",
        markup=f"1 + 0.4D * pow({draws.uniform('markup', 'b')}, 3) "
        f"+ 0.12D * pow({draws.uniform('charge', *key, 'j')}, 4)",
        share="case when stage = 'chronic' or is_hospital or claim_type = 'home_care' then 1D "
        "when claim_type in ('dental', 'equipment') then 0.6D else 0.7D end",
    )


def canonical(world: World, billed: DataFrame) -> DataFrame:
    """The table ``claim_lines`` with a boolean ``dirty`` on rows that a load must quarantine."""
    draws = world.draws
    chance = draws.uniform("adjust", "i", "e", "step", "r")
    dirt = draws.uniform("dirt", "i", "e", "step", "r", "j")
    versions = (
        f"case when {chance} < {VOIDED}D then array(0, 2) when {chance} < {VOIDED + REPLACED}D"
        f" then array(0, 1) when {dirt} < {DIRTY / 6}D then array(0, 9) else array(0) end"
    )
    status = draws.uniform("status", "i", "e", "step", "r")
    stated = extend(
        extend(billed, version=f"explode({versions})"),
        state=f"case when version in (1, 2) or {chance} < {VOIDED + REPLACED}D then 'paid' "
        f"when {status} < {DENIED}D then 'denied' when {status} < {DENIED + PENDING}D then "
        "'pending' else 'paid' end",
        factor="case version when 2 then -1D when 1 then 0.94D else 1D end",
        allowed=money("tariff * factor"),
        charged=f"greatest({money('tariff * markup * factor')}, if(version = 2, "
        f"{money('tariff * markup * factor')}, allowed))",
        paid=f"if(state = 'paid', {money('cast(allowed as double) * share')}, 0)",
        dirt=f"case when version = 9 then 9 when {dirt} >= {DIRTY / 6}D and {dirt} < {DIRTY}D and "
        f"version = 0 then cast(floor({dirt} * {6 / DIRTY}D) as int) else 0 end",
        dirty="dirt > 0",
    )
    table = INPUT_TABLES["claim_lines"]
    values = {**_who(world), **_when(world), **_what(world), **_amounts(), **_dirt()}
    return select(
        stated,
        {
            **{
                one.name: f"cast({values.get(one.name, 'null')} as {one.type})"
                for one in table.columns
            },
            "dirty": "dirty",
        },
    )


def _who(world: World) -> dict[str, str]:
    draws = world.draws
    place = world.place("region", "area")
    missing = draws.uniform("missing", "i", "e", "step", "r")
    card = f"if(day >= card_renewed, {identifier('K', 'i * 2 + 1')}, "
    card += f"{identifier('K', 'i * 2')})"
    read = "claim_type in ('professional', 'pharmacy', 'dental') and specialty <> 'laboratory'"
    return {
        "claim_id": "if(version in (0, 9), claim_id, "
        f"{draws.claim_id('i', 'e', 'step', 'r', 'version')})",
        "claim_line_number": "j",
        "data_source": f"'{SOURCE}'",
        "claim_type": "claim_type",
        "adjustment_type": "case version when 1 then 'replacement' when 2 then 'void' "
        "else 'original' end",
        "original_claim_id": f"if(version in (1, 2), claim_id, {NULL_TEXT})",
        "person_id": "person_id",
        "card_id": f"if({read} and {missing} < 0.9D, {card}, {NULL_TEXT})",
        "card_present": f"if({read}, {missing} < 0.9D, cast(null as boolean))",
        "billing_provider_id": provider_id("b"),
        "rendering_provider_id": f"if(individual, {provider_id('p')}, {NULL_TEXT})",
        "ordering_provider_id": f"case when not ordered then {NULL_TEXT} when {missing} < 0.006D "
        f"then '9999999999' when {missing} < 0.01D then 'UNKNOWN' else {provider_id('d')} end",
        "facility_provider_id": "if(claim_type = 'institutional', "
        f"{provider_id('p')}, {NULL_TEXT})",
        "payee_account_id": identifier("A", "300000000 + b"),
        "origin_postal_code": f"if(claim_type = 'transport', {place['postal_code']}, {NULL_TEXT})",
        "destination_postal_code": "if(claim_type = 'transport', "
        f"cast((region + 1) * 10000 as string), {NULL_TEXT})",
        "vehicle_id": "if(claim_type = 'transport', concat('V', "
        f"{draws.whole(1, 6, 'vehicle', 'i', 'e')}, '-', p), {NULL_TEXT})",
    }


def _when(world: World) -> dict[str, str]:
    draws = world.draws
    stay = "claim_type = 'institutional'"
    lag = draws.whole(1, 12, "submit", "i", "e", "step", "r")
    wait = draws.whole(4, 25, "settle", "i", "e", "step", "r")
    later = "if(version in (1, 2), 21, 0)"
    return {
        "claim_line_start_date": "day",
        "claim_line_end_date": "day_end",
        "service_start_time": "if(j = 1, started, null)",
        "service_end_time": "if(j = 1, timestampadd(MINUTE, 45, started), null)",
        "admission_date": f"if({stay}, day, null)",
        "discharge_date": f"if({stay}, day_end, null)",
        "admit_source_code": f"if({stay}, if(step = 6, '4', '1'), {NULL_TEXT})",
        "discharge_disposition_code": f"case when not ({stay}) then {NULL_TEXT} "
        "when death_date = day_end then '20' else '01' end",
        "prescription_id": "if(is_drug, lpad(hex(xxhash64(i, e, step, j, 77)), 14, '0'), null)",
        "prescribed_date": "if(is_drug, start, null)",
        "prescribed_quantity": "if(is_drug, units, null)",
        "refills_authorised": "if(is_drug, if(menu = 'maintenance', 11, 0), null)",
        "fill_number": "if(is_drug, r, null)",
        "submitted_date": f"date_add(day_end, {lag} + {later})",
        "paid_date": f"if(state = 'pending', null, date_add(day_end, {lag} + {wait} + {later}))",
        "claim_status": "state",
        "status_reason_code": "if(state = 'denied', 'R12', null)",
    }


def _what(world: World) -> dict[str, str]:
    draws = world.draws
    approval = "lpad(hex(xxhash64(i, e, step, r, 55)), 12, '0')"
    said = draws.whole(1, "size(diagnoses)", "dx", "i", "e")
    return {
        "place_of_service_code": "place",
        "bill_type_code": "if(is_hospital, '111', null)",
        "revenue_center_code": "if(is_hospital, code, null)",
        "drg_code": f"if(is_hospital, concat('D', {draws.whole(100, 139, 'drg', 'i', 'e')}), null)",
        "procedure_code": "if(is_drug or is_hospital, null, code)",
        "procedure_code_system": "if(is_drug or is_hospital, null, 'local')",
        "drug_code": "if(is_drug, code, null)",
        "days_supply": "supply",
        "service_unit_quantity": "units",
        "diagnosis_code_1": f"if(is_drug, null, element_at(diagnoses, {said}))",
        "diagnosis_code_2": "if(stage = 'chronic' and not is_drug, 'E11.9', null)",
        "body_site": "if(claim_type = 'dental', cast(11 + "
        f"{draws.whole(0, 27, 'tooth', 'i', 'e', 'j')} as string), null)",
        "authorization_id": f"if(approval, {approval}, null)",
        "distance_km": "km",
    }


def _amounts() -> dict[str, str]:
    return {
        "charge_amount": "charged",
        "allowed_amount": "allowed",
        "paid_amount": "paid",
        "member_paid_amount": "if(state = 'paid', allowed - paid, 0)",
    }


def _dirt() -> dict[str, str]:
    """The defects, by number: type, person, dates, amount and future (9 repeats a key)."""
    return {
        "claim_type": "if(dirt = 1, 'proffesional', claim_type)",
        "person_id": "if(dirt = 2, null, person_id)",
        "claim_line_end_date": "if(dirt = 3, date_sub(day, 4), day_end)",
        "paid_amount": "if(dirt = 4, -abs(paid) - 1, paid)",
        "claim_line_start_date": "if(dirt = 5, date'2031-05-17', day)",
    }


def authorizations(world: World, written: DataFrame) -> DataFrame:
    """The table ``authorizations``: what stands behind the lines that name one."""
    return (
        written.where("authorization_id is not null and person_id is not null")
        .groupBy("authorization_id")
        .agg(
            {
                "person_id": "min",
                "billing_provider_id": "min",
                "procedure_code": "min",
                "service_unit_quantity": "max",
                "claim_line_start_date": "min",
            }
        )
        .selectExpr(
            "authorization_id",
            "`min(person_id)` as person_id",
            "`min(billing_provider_id)` as provider_id",
            "`min(procedure_code)` as procedure_code",
            "`max(service_unit_quantity)` as approved_units",
            "date_sub(`min(claim_line_start_date)`, 20) as valid_from_date",
            "date_add(`min(claim_line_start_date)`, 160) as valid_to_date",
            "'approved' as status",
        )
    )
