# SPDX-License-Identifier: GPL-2.0-or-later
"""The two XML files of an L2A product that readers need, after ESA's products specification (S2-PDGS-TAS-DI-PSD)."""

from __future__ import annotations

from xml.sax.saxutils import escape

from demo.acquisition import Acquisition
from demo.sensor import ADD_OFFSET, NODATA, QUANTIFICATION
from s2landcover_plugin.core.bands import BANDS

_SCHEMA = "https://psd-15.sentinel2.eo.esa.int/PSD/"

_PRODUCT = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-2A_User_Product xmlns:n1="{schema}User_Product_Level-2A.xsd">
  <n1:General_Info>
    <Product_Info>
      <PRODUCT_START_TIME>{time}</PRODUCT_START_TIME>
      <PRODUCT_STOP_TIME>{time}</PRODUCT_STOP_TIME>
      <PRODUCT_URI>{name}.SAFE</PRODUCT_URI>
      <PROCESSING_LEVEL>Level-2A</PROCESSING_LEVEL>
      <PRODUCT_TYPE>S2MSI2A</PRODUCT_TYPE>
      <PROCESSING_BASELINE>05.11</PROCESSING_BASELINE>
      <GENERATION_TIME>{time}</GENERATION_TIME>
      <Datatake datatakeIdentifier="GS2A_{sensed}_{absolute:06d}_N05.11">
        <SPACECRAFT_NAME>Sentinel-2A</SPACECRAFT_NAME>
        <DATATAKE_TYPE>INS-NOBS</DATATAKE_TYPE>
        <DATATAKE_SENSING_START>{time}</DATATAKE_SENSING_START>
        <SENSING_ORBIT_NUMBER>{orbit}</SENSING_ORBIT_NUMBER>
        <SENSING_ORBIT_DIRECTION>DESCENDING</SENSING_ORBIT_DIRECTION>
      </Datatake>
      <Query_Options completeSingleTile="true">
        <PRODUCT_FORMAT>SAFE_COMPACT</PRODUCT_FORMAT>
      </Query_Options>
      <Product_Organisation>
        <Granule_List>
          <Granule datastripIdentifier="S2A_OPER_MSI_L2A_DS_DEMO_{sensed}_S{sensed}_N05.11"
                   granuleIdentifier="{tile_id}" imageFormat="JPEG2000">
{images}
          </Granule>
        </Granule_List>
      </Product_Organisation>
    </Product_Info>
    <Product_Image_Characteristics>
      <Special_Values>
        <SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT>
        <SPECIAL_VALUE_INDEX>{nodata}</SPECIAL_VALUE_INDEX>
      </Special_Values>
      <Special_Values>
        <SPECIAL_VALUE_TEXT>SATURATED</SPECIAL_VALUE_TEXT>
        <SPECIAL_VALUE_INDEX>65535</SPECIAL_VALUE_INDEX>
      </Special_Values>
      <Image_Display_Order>
        <RED_CHANNEL>3</RED_CHANNEL>
        <GREEN_CHANNEL>2</GREEN_CHANNEL>
        <BLUE_CHANNEL>1</BLUE_CHANNEL>
      </Image_Display_Order>
      <QUANTIFICATION_VALUES_LIST>
        <BOA_QUANTIFICATION_VALUE unit="none">{quantification}</BOA_QUANTIFICATION_VALUE>
        <AOT_QUANTIFICATION_VALUE unit="none">1000.0</AOT_QUANTIFICATION_VALUE>
        <WVP_QUANTIFICATION_VALUE unit="cm">1000.0</WVP_QUANTIFICATION_VALUE>
      </QUANTIFICATION_VALUES_LIST>
      <BOA_ADD_OFFSET_VALUES_LIST>
{offsets}
      </BOA_ADD_OFFSET_VALUES_LIST>
      <Spectral_Information_List>
{spectral}
      </Spectral_Information_List>
    </Product_Image_Characteristics>
  </n1:General_Info>
</n1:Level-2A_User_Product>
"""

_TILE = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-2A_Tile_ID xmlns:n1="{schema}S2_PDI_Level-2A_Tile_Metadata.xsd">
  <n1:General_Info>
    <TILE_ID metadataLevel="Brief">{tile_id}</TILE_ID>
    <SENSING_TIME metadataLevel="Standard">{time}</SENSING_TIME>
  </n1:General_Info>
  <n1:Geometric_Info>
    <Tile_Geocoding metadataLevel="Brief">
      <HORIZONTAL_CS_NAME>{crs_name}</HORIZONTAL_CS_NAME>
      <HORIZONTAL_CS_CODE>{code}</HORIZONTAL_CS_CODE>
{geocoding}
    </Tile_Geocoding>
  </n1:Geometric_Info>
</n1:Level-2A_Tile_ID>
"""


def product_xml(acquisition: Acquisition, images: tuple[str, ...]) -> str:
    """Return the text of `MTD_MSIL2A.xml`.

    Args:
        acquisition: where and when.
        images: paths of the images inside the product, without ending.
    """
    return _PRODUCT.format(
        schema=_SCHEMA,
        name=acquisition.product,
        time=_time(acquisition.sensed),
        sensed=acquisition.sensed,
        orbit=acquisition.orbit,
        absolute=acquisition.absolute_orbit,
        tile_id=_tile_id(acquisition),
        nodata=NODATA,
        quantification=QUANTIFICATION,
        images="\n".join(f"            <IMAGE_FILE>{escape(image)}</IMAGE_FILE>" for image in images),
        offsets="\n".join(
            f'        <BOA_ADD_OFFSET band_id="{number}">{ADD_OFFSET}</BOA_ADD_OFFSET>' for number in range(len(BANDS))
        ),
        spectral="\n".join(
            f'        <Spectral_Information bandId="{number}" physicalBand="B{band.id[1:].lstrip("0")}">'
            f"<RESOLUTION>{band.gsd}</RESOLUTION>"
            f'<Wavelength><CENTRAL unit="nm">{band.wavelength}</CENTRAL></Wavelength></Spectral_Information>'
            for number, band in enumerate(BANDS.values())
        ),
    )


def tile_xml(acquisition: Acquisition) -> str:
    """Return the text of the granule's `MTD_TL.xml`."""
    grid = acquisition.grid
    x, y = grid.xy(0, 0)
    sizes = "\n".join(
        f'      <Size resolution="{gsd}"><NROWS>{grid.height * 10 // gsd}</NROWS>'
        f"<NCOLS>{grid.width * 10 // gsd}</NCOLS></Size>"
        for gsd in (10, 20, 60)
    )
    corners = "\n".join(
        f'      <Geoposition resolution="{gsd}"><ULX>{x:.0f}</ULX><ULY>{y:.0f}</ULY>'
        f"<XDIM>{gsd}</XDIM><YDIM>-{gsd}</YDIM></Geoposition>"
        for gsd in (10, 20, 60)
    )
    return _TILE.format(
        schema=_SCHEMA,
        tile_id=_tile_id(acquisition),
        time=_time(acquisition.sensed),
        crs_name=f"WGS84 / UTM zone {acquisition.code[-2:]}N",
        code=acquisition.code,
        geocoding=f"{sizes}\n{corners}",
    )


def _tile_id(acquisition: Acquisition) -> str:
    absolute = f"A{acquisition.absolute_orbit:06d}"
    return f"S2A_OPER_MSI_L2A_TL_DEMO_{acquisition.sensed}_{absolute}_{acquisition.tile}_N05.11"


def _time(sensed: str) -> str:
    date, time = sensed.split("T")
    return f"{date[:4]}-{date[4:6]}-{date[6:]}T{time[:2]}:{time[2:4]}:{time[4:]}.000Z"
